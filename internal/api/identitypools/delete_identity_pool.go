package identitypools

import (
	"context"

	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/wire"
)

// DeleteIdentityPool removes an identity pool; its identities are out of reach at once.
func (s *Service) DeleteIdentityPool(ctx context.Context, in *wire.DeleteIdentityPoolInput) (*wire.DeleteIdentityPoolOutput, error) {
	err := s.Store.Update(ctx, func(tx *store.Tx) error { return tx.DeleteIdentityPool(in.IdentityPoolId) })
	if err != nil {
		return nil, err
	}
	return &wire.DeleteIdentityPoolOutput{}, nil
}
