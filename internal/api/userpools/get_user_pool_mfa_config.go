package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/wire"
)

// GetUserPoolMfaConfig shows the MFA configuration of a user pool, and its configuration of passkeys.
func (s *Service) GetUserPoolMfaConfig(ctx context.Context, in *wire.GetUserPoolMfaConfigInput) (*wire.GetUserPoolMfaConfigOutput, error) {
	p, err := s.Store.Pool(ctx, in.UserPoolId)
	if err != nil {
		return nil, err
	}
	out := p.ShowMFA()
	return &out, nil
}
