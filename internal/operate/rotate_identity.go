package operate

import (
	"context"
	"time"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/token"
)

// RotateIdentityKey gives the OpenID tokens of identities a new signing key and returns until when the one before verifies. Running servers sign
// with the new one within two seconds.
func (d *Data) RotateIdentityKey(ctx context.Context) (until time.Time, err error) {
	until = d.now().Add(KeyOverlap)
	err = d.act(ctx, "key rotate-identity", "", nil, func(ctx context.Context) error {
		rotated, err := d.rotateIdentityKey(ctx, until, func(*pool.SigningKey) bool { return true })
		if err == nil && !rotated {
			err = fault.New(fault.ResourceNotFound, "there is no such key yet: it is created with the first OpenID token of an identity")
		}
		return err
	})
	return until, err
}

// RotateDueIdentityKey is RotateIdentityKey for a key of this age or older, and reports whether it was. Nodes may do it at the same time.
func (d *Data) RotateDueIdentityKey(ctx context.Context, age time.Duration) (rotated bool, err error) {
	before := d.now().Add(-age)
	due := func(k *pool.SigningKey) bool { return !k.Created.After(before) }
	ring, err := d.IdentityKeys(ctx)
	if k := ring.Signing(pool.SignsIdentity); err != nil || k == nil || !due(k) {
		return false, err
	}
	return d.rotateIdentityKey(ctx, d.now().Add(KeyOverlap), due)
}

// rotateIdentityKey makes a new key, if the one that signs is due when it is stored: another node may have been faster.
func (d *Data) rotateIdentityKey(ctx context.Context, until time.Time, due func(*pool.SigningKey) bool) (rotated bool, err error) {
	next, err := token.NewIdentityKey(d.now())
	if err != nil {
		return false, err
	}
	err = d.Update(ctx, func(tx *store.Tx) error {
		ring, err := tx.IdentityKeys()
		if err != nil {
			return err
		}
		k := ring.Signing(pool.SignsIdentity)
		if rotated = k != nil && due(k); !rotated {
			return nil
		}
		return tx.RotateIdentityKey(next, until)
	})
	return rotated && err == nil, err
}
