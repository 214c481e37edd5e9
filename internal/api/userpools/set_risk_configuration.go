package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/wire"
)

// SetRiskConfiguration sets what is done about risky sign-ins and compromised passwords: for the pool, or for one client in place of the
// pool's. A request that says nothing takes the configuration back.
func (s *Service) SetRiskConfiguration(ctx context.Context, in *wire.SetRiskConfigurationInput) (*wire.SetRiskConfigurationOutput, error) {
	r, err := pool.NewRisk(in, s.Now())
	if err != nil {
		return nil, err
	}
	if in.ClientId != "" {
		err = s.changeClient(ctx, in.UserPoolId, in.ClientId, func(_ *store.Tx, p *pool.Pool, c *pool.Client) error {
			c.Risk = r
			return p.CheckThreatProtection()
		})
	} else {
		err = s.changePool(ctx, in.UserPoolId, func(_ *store.Tx, p *pool.Pool) error {
			p.Risk = r
			return p.CheckThreatProtection()
		})
	}
	if err != nil {
		return nil, err
	}
	return &wire.SetRiskConfigurationOutput{RiskConfiguration: pool.ShowRisk(r, in.UserPoolId, in.ClientId)}, nil
}
