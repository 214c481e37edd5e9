package identitypools

import (
	"context"

	"github.com/cenote-id/cenote/internal/wire"
)

// DescribeIdentityPool shows an identity pool.
func (s *Service) DescribeIdentityPool(ctx context.Context, in *wire.DescribeIdentityPoolInput) (*wire.DescribeIdentityPoolOutput, error) {
	p, err := s.pool(ctx, in.IdentityPoolId)
	if err != nil {
		return nil, err
	}
	return &p.Settings.Pool, nil
}
