package identitypools

import (
	"context"

	"github.com/cenote-id/cenote/internal/api"
	"github.com/cenote-id/cenote/internal/identity"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/wire"
)

// CreateIdentityPool makes an identity pool. Its name need not be unique.
func (s *Service) CreateIdentityPool(ctx context.Context, in *wire.CreateIdentityPoolInput) (*wire.CreateIdentityPoolOutput, error) {
	region, account, err := api.Home(ctx, s.Region, s.AccountID)
	if err != nil {
		return nil, err
	}
	p, err := identity.New(in, region, account)
	if err != nil {
		return nil, err
	}
	if err := s.Store.Update(ctx, func(tx *store.Tx) error { return tx.InsertIdentityPool(p) }); err != nil {
		return nil, err
	}
	return &p.Settings.Pool, nil
}
