package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/wire"
)

// UpdateManagedLoginBranding changes a style of managed login. Settings are merged with those that are there, and an image replaces the one
// of its category and colour mode.
func (s *Service) UpdateManagedLoginBranding(
	ctx context.Context, in *wire.UpdateManagedLoginBrandingInput,
) (*wire.UpdateManagedLoginBrandingOutput, error) {
	for _, member := range []struct{ name, value string }{
		{"userPoolId", in.UserPoolId}, {"managedLoginBrandingId", in.ManagedLoginBrandingId},
	} {
		if member.value == "" { // optional in the model, and without a meaning
			return nil, fault.Newf(fault.InvalidParameter,
				"1 validation error detected: Value null at '%s' failed to satisfy constraint: Member must not be null", member.name)
		}
	}
	var b *pool.Branding
	err := s.Store.Update(ctx, func(tx *store.Tx) error {
		p, err := tx.Pool(in.UserPoolId)
		if err != nil {
			return err
		}
		if b, err = tx.Branding(p, in.ManagedLoginBrandingId); err != nil {
			return err
		}
		if err := b.Update(in, s.Now()); err != nil {
			return err
		}
		return tx.SaveBranding(p, b)
	})
	if err != nil {
		return nil, err
	}
	return &wire.UpdateManagedLoginBrandingOutput{ManagedLoginBranding: &b.Settings}, nil
}
