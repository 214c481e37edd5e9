package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/wire"
)

// UpdateUserPool changes the settings of a user pool that the request names. Most that it leaves out stay as they are, some return to their
// defaults: pool.Pool.Update lists them.
func (s *Service) UpdateUserPool(ctx context.Context, in *wire.UpdateUserPoolInput) (*wire.UpdateUserPoolOutput, error) {
	err := s.changePool(ctx, in.UserPoolId, func(tx *store.Tx, p *pool.Pool) error {
		if err := checkNoImport(tx, p); err != nil {
			return err
		}
		tier := p.Settings.UserPoolTier
		if err := p.Update(in, s.Now()); err != nil {
			return err
		}
		if p.Settings.UserPoolTier == tier {
			return nil
		}
		clients, err := tx.Clients(p, "", 0)
		if err != nil {
			return err
		}
		for _, c := range clients {
			if err := p.CheckTier(c); err != nil {
				return err
			}
		}
		domains, err := tx.PoolDomains(p.ID)
		if err != nil {
			return err
		}
		for _, d := range domains {
			if err := d.CheckTier(p.Settings.UserPoolTier); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &wire.UpdateUserPoolOutput{}, nil
}
