package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/api"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/wire"
)

// CreateUserPool makes a user pool, in the region that the request is signed for. Every setting that is left out gets its default. What users are called (UsernameAttributes,
// AliasAttributes, UsernameConfiguration) and the rules of standard attributes are fixed from then on.
func (s *Service) CreateUserPool(ctx context.Context, in *wire.CreateUserPoolInput) (*wire.CreateUserPoolOutput, error) {
	region, account, err := api.Home(ctx, s.Region, s.AccountID)
	if err != nil {
		return nil, err
	}
	p, err := pool.New(in, region, account, s.Now())
	if err != nil {
		return nil, err
	}
	if p.Keys, err = s.Keys.Pair(); err != nil {
		return nil, err
	}
	out := &wire.CreateUserPoolOutput{}
	err = s.Store.Update(ctx, func(tx *store.Tx) (err error) {
		if err := tx.InsertPool(p); err != nil {
			return err
		}
		out.UserPool, err = showPool(tx, p)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}
