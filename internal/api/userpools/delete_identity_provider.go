package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/wire"
)

// DeleteIdentityProvider deletes an identity provider. Its users stay, and app clients keep its name among their settings, but nobody can
// sign in with it any more.
func (s *Service) DeleteIdentityProvider(
	ctx context.Context, in *wire.DeleteIdentityProviderInput,
) (*wire.DeleteIdentityProviderOutput, error) {
	err := s.Store.Update(ctx, func(tx *store.Tx) error {
		p, err := tx.Pool(in.UserPoolId)
		if err != nil {
			return err
		}
		return tx.DeleteProvider(p.ID, in.ProviderName)
	})
	if err != nil {
		return nil, err
	}
	return &wire.DeleteIdentityProviderOutput{}, nil
}
