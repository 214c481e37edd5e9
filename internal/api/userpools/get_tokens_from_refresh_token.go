package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/signin"
	"github.com/cenote-id/cenote/internal/wire"
)

// GetTokensFromRefreshToken exchanges a refresh token for new tokens. It works with and without rotation; only with rotation
// it answers a new refresh token.
func (s *Service) GetTokensFromRefreshToken(ctx context.Context, in *wire.GetTokensFromRefreshTokenInput) (*wire.GetTokensFromRefreshTokenOutput, error) {
	p, c, err := s.Store.Client(ctx, in.ClientId)
	if err != nil {
		return nil, err
	}
	if err := checkPlainSecret(c, in.ClientSecret, fault.NotAuthorized); err != nil {
		return nil, err
	}
	tokens, err := s.SignIn.Refresh(ctx, signin.Request{Pool: p, Client: c, Metadata: in.ClientMetadata, Device: in.DeviceKey}, in.RefreshToken)
	if err != nil {
		return nil, err
	}
	return &wire.GetTokensFromRefreshTokenOutput{AuthenticationResult: showTokens(tokens)}, nil
}
