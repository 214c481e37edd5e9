package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/wire"
)

// DeleteManagedLoginBranding deletes a style of managed login.
func (s *Service) DeleteManagedLoginBranding(
	ctx context.Context, in *wire.DeleteManagedLoginBrandingInput,
) (*wire.DeleteManagedLoginBrandingOutput, error) {
	err := s.Store.Update(ctx, func(tx *store.Tx) error {
		p, err := tx.Pool(in.UserPoolId)
		if err != nil {
			return err
		}
		return tx.DeleteBranding(p.ID, in.ManagedLoginBrandingId)
	})
	if err != nil {
		return nil, err
	}
	return &wire.DeleteManagedLoginBrandingOutput{}, nil
}
