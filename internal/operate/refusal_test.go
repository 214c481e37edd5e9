package operate

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/seal"
	"github.com/cenote-id/cenote/internal/store"
)

func TestErrorsOfCommandsAreRecordedAsWhatTheyAre(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		err  error
		want fault.Code
	}{
		{"a mistake of ours", errors.New("disk I/O error"), ""},
		{"a refusal by the domain", fmt.Errorf("pool: %w", fault.New(fault.ResourceNotFound, "no such pool")), fault.ResourceNotFound},
		{"a pool that exists", &store.TakenError{PoolID: "us-east-1_000000000"}, fault.ResourceConflict},
		{"another node was faster", fmt.Errorf("insert: %w", store.ErrExists), fault.ResourceConflict},
		{"a missing master key", fmt.Errorf("seal: %w", seal.ErrWrongKey), fault.PreconditionNotMet},
		{"another rotation", store.ErrOvertaken, fault.ConcurrentModification},
	} {
		got := recorded(c.err)
		if fault.CodeOf(got) != c.want || !errors.Is(got, c.err) {
			t.Errorf("%s: recorded as %v, want %q", c.name, got, c.want)
		}
	}
	if got := recorded(fmt.Errorf("copy: %w", context.Canceled)); !errors.Is(got, store.ErrUnknownOutcome) {
		t.Errorf("an interruption is recorded as %v", got)
	}
	if got := recorded(nil); got != nil {
		t.Errorf("success is recorded as %v", got)
	}
}
