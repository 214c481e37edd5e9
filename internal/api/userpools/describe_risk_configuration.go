package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/wire"
)

// DescribeRiskConfiguration shows the risk configuration of the pool, or the client's own.
func (s *Service) DescribeRiskConfiguration(
	ctx context.Context, in *wire.DescribeRiskConfigurationInput,
) (*wire.DescribeRiskConfigurationOutput, error) {
	p, err := s.Store.Pool(ctx, in.UserPoolId)
	if err != nil {
		return nil, err
	}
	r := p.Risk
	if in.ClientId != "" {
		_, c, err := s.clientOf(ctx, in.UserPoolId, in.ClientId)
		if err != nil {
			return nil, err
		}
		r = c.Risk
	}
	if err := p.CheckThreatProtection(); err != nil {
		return nil, err
	}
	return &wire.DescribeRiskConfigurationOutput{RiskConfiguration: pool.ShowRisk(r, in.UserPoolId, in.ClientId)}, nil
}
