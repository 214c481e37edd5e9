package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/api"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/wire"
)

// GetProvisionedLimit returns how many requests a second the caller's account may send in the region of the request, for one category of
// operations.
func (s *Service) GetProvisionedLimit(ctx context.Context, in *wire.GetProvisionedLimitInput) (*wire.GetProvisionedLimitOutput, error) {
	region, account, err := api.Home(ctx, s.Region, s.AccountID)
	if err != nil {
		return nil, err
	}
	l, err := pool.FindRequestLimit(in.LimitDefinition)
	if err != nil {
		return nil, err
	}
	provisioned, err := s.Store.ProvisionedLimits(ctx, account, region)
	if err != nil {
		return nil, err
	}
	return &wire.GetProvisionedLimitOutput{Limit: l.Show(provisioned)}, nil
}
