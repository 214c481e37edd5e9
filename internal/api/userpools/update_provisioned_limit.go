package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/api"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/wire"
)

// UpdateProvisionedLimit limits the requests of a category for the pools of the caller's account in the region of the request. Every node
// obeys it within a second.
func (s *Service) UpdateProvisionedLimit(
	ctx context.Context, in *wire.UpdateProvisionedLimitInput,
) (*wire.UpdateProvisionedLimitOutput, error) {
	region, account, err := api.Home(ctx, s.Region, s.AccountID)
	if err != nil {
		return nil, err
	}
	l, err := pool.FindRequestLimit(in.LimitDefinition)
	if err != nil {
		return nil, err
	}
	if err := l.Check(in.RequestedLimitValue); err != nil {
		return nil, err
	}
	err = s.Store.Update(ctx, func(tx *store.Tx) error {
		return tx.SaveProvisionedLimit(account, region, l.Category, in.RequestedLimitValue)
	})
	if err != nil {
		return nil, err
	}
	return &wire.UpdateProvisionedLimitOutput{Limit: l.Show(map[string]int64{l.Category: in.RequestedLimitValue})}, nil
}
