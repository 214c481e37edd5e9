package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/pool"
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

// checkPlainSecret checks a client secret that is sent as it is. The code of the refusal differs between operations.
func checkPlainSecret(c *pool.Client, secret string, code fault.Code) error {
	switch {
	case len(c.Secrets) == 0 && secret == "":
		return nil
	case len(c.Secrets) == 0:
		return fault.Newf(code, "Client %s is not configured with a secret", c.ID)
	case secret == "":
		return fault.Newf(code, "Client %s is configured with secret but the secret was not received", c.ID)
	case !c.HasSecret(secret):
		return fault.Newf(code, "Client secret does not match for the client: %s", c.ID)
	}
	return nil
}
