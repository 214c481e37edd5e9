package operate

import (
	"context"
	"errors"
	"fmt"

	"github.com/cenote-id/cenote/internal/seal"
	"github.com/cenote-id/cenote/internal/store"
)

// RotateMaster seals whatever the master key seals under the first key of the settings, beside running servers, and returns how many
// values those were. When it ends without an error, nothing is left under another key. progress is told the number so far.
func (d *Data) RotateMaster(ctx context.Context, progress func(sealed int)) (int, error) {
	n := 0
	err := d.act(ctx, "key rotate-master", "", nil, func(ctx context.Context) (err error) {
		n, err = d.Store.RotateMaster(ctx, progress)
		return err
	})
	if errors.Is(err, seal.ErrWrongKey) {
		err = fmt.Errorf("%w; a key is missing in the settings: give every earlier one behind the new one", err)
	}
	return n, err
}

// MasterRotationDue reports whether RotateMaster has anything to do: the first key of the settings is new, or a rotation was interrupted.
func (d *Data) MasterRotationDue(ctx context.Context) (due bool, err error) {
	err = d.View(ctx, func(tx *store.Tx) error {
		state, err := tx.MasterState()
		due = !state.First || state.Unfinished
		return err
	})
	return due, err
}
