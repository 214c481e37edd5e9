package operate

import (
	"context"
	"time"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
)

// duePools is how many pools are looked up at a time.
const duePools = 100

// RotateDueKeys gives new signing keys to every pool that signs with one of this age or older, and returns how many pools those were. Nodes
// may do it at the same time.
func (d *Data) RotateDueKeys(ctx context.Context, age time.Duration) (rotated int, err error) {
	before := d.now().Add(-age)
	due := func(p *pool.Pool) bool {
		for _, use := range []pool.KeyUse{pool.SignsID, pool.SignsAccess} {
			if k := p.Keys.Signing(use); k != nil && !k.Created.After(before) {
				return true
			}
		}
		return false
	}
	for after := ""; ; {
		var ids []string
		err := d.View(ctx, func(tx *store.Tx) (err error) {
			ids, err = tx.PoolsWithKeysFrom(before, after, duePools)
			return err
		})
		if err != nil {
			return rotated, err
		}
		for _, id := range ids {
			done, err := d.rotateKeys(ctx, id, d.now().Add(KeyOverlap), due)
			if err != nil && !fault.Is(err, fault.ResourceNotFound) { // deleted meanwhile
				return rotated, err
			}
			if done {
				rotated++
			}
		}
		if len(ids) < duePools {
			return rotated, nil
		}
		after = ids[len(ids)-1]
	}
}
