package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/wire"
)

// CreateResourceServer makes an API known to a user pool, with the scopes that app clients can be allowed.
func (s *Service) CreateResourceServer(
	ctx context.Context, in *wire.CreateResourceServerInput,
) (*wire.CreateResourceServerOutput, error) {
	r, err := pool.NewResourceServer(in)
	if err != nil {
		return nil, err
	}
	err = s.Store.Update(ctx, func(tx *store.Tx) error {
		p, err := tx.Pool(r.PoolID)
		if err != nil {
			return err
		}
		if err := tx.InsertResourceServer(p, r); err != nil {
			return err
		}
		return withinQuota(tx.CountResourceServers, r.PoolID, pool.MaxResourceServers, "resource servers")
	})
	if err != nil {
		return nil, err
	}
	return &wire.CreateResourceServerOutput{ResourceServer: &r.Settings}, nil
}
