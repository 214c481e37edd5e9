package operate

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/cenote-id/cenote/internal/archive"
	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/seal"
	"github.com/cenote-id/cenote/internal/store"
)

// refusals are the errors by which a command is refused for a reason that the operator can mend, with the exception of the API that says the same.
var refusals = []struct {
	is   error
	code fault.Code
}{
	{store.ErrExists, fault.ResourceConflict},
	{fs.ErrExist, fault.ResourceConflict},
	{fs.ErrNotExist, fault.ResourceNotFound},
	{fs.ErrPermission, fault.AccessDenied},
	{archive.ErrKey, fault.AccessDenied},
	{archive.ErrNoArchive, fault.InvalidParameter},
	{archive.ErrDamaged, fault.InvalidParameter},
	{archive.ErrNewer, fault.InvalidParameter},
	{seal.ErrWrongKey, fault.PreconditionNotMet}, // a master key is missing in the settings
	{store.ErrOvertaken, fault.ConcurrentModification},
	{store.ErrRestoreLost, fault.ConcurrentModification},
}

// recorded returns the error of a command as the audit log tells it, which calls whatever it does not know a failure of ours. Of a command that
// was interrupted, nobody knows how far it came.
func recorded(err error) error {
	var taken *store.TakenError
	switch {
	case err == nil || fault.CodeOf(err) != "":
		return err
	case errors.Is(err, context.Canceled):
		return fmt.Errorf("%w: %w", store.ErrUnknownOutcome, err)
	case errors.As(err, &taken):
		return fault.New(fault.ResourceConflict, "").Because(err)
	}
	for _, r := range refusals {
		if errors.Is(err, r.is) {
			return fault.New(r.code, "").Because(err)
		}
	}
	return err
}

// told turns a fault into the words of its message: an operator at a terminal asked, no program.
func told(err error) error {
	var f *fault.Error
	if errors.As(err, &f) && f.Message != "" {
		return fmt.Errorf("%s", f.Message)
	}
	return err
}
