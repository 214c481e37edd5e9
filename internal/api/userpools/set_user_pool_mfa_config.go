package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/wire"
)

// SetUserPoolMfaConfig replaces the MFA configuration of a user pool, and its configuration of passkeys, as a whole.
func (s *Service) SetUserPoolMfaConfig(ctx context.Context, in *wire.SetUserPoolMfaConfigInput) (*wire.SetUserPoolMfaConfigOutput, error) {
	var out wire.SetUserPoolMfaConfigOutput
	err := s.changePool(ctx, in.UserPoolId, func(_ *store.Tx, p *pool.Pool) error {
		if err := p.ConfigureMFA(in, s.Now()); err != nil {
			return err
		}
		out = wire.SetUserPoolMfaConfigOutput(p.ShowMFA())
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &out, nil
}
