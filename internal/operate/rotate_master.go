package operate

import (
	"context"
	"errors"
	"fmt"

	"github.com/cenote-id/cenote/internal/seal"
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
