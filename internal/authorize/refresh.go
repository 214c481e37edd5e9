package authorize

import (
	"context"

	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/signin"
	"github.com/cenote-id/cenote/internal/token"
)

// Refresh exchanges a refresh token for new tokens; only a client whose tokens rotate gets a new refresh token.
func (s *Service) Refresh(ctx context.Context, p *pool.Pool, c *pool.Client, raw string) (*token.Tokens, error) {
	tokens, err := s.SignIn.Refresh(ctx, signin.Request{Pool: p, Client: c}, raw)
	if err != nil {
		return nil, refused(err, InvalidGrant)
	}
	return tokens, nil
}
