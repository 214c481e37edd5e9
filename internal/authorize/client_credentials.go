package authorize

import (
	"context"
	"slices"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/signin"
	"github.com/cenote-id/cenote/internal/token"
)

// ClientCredentials issues an access token to the client itself (RFC 6749, section 4.4). The scopes are those of resource servers, all of
// the client's when it asks for none.
func (s *Service) ClientCredentials(ctx context.Context, p *pool.Pool, c *pool.Client, scope string, metadata map[string]string) (*token.Tokens, error) {
	if len(c.Secrets) == 0 || !slices.Contains(c.Settings.AllowedOAuthFlows, "client_credentials") || !enabled(c) {
		return nil, &Refusal{Code: UnauthorizedClient}
	}
	tokens, err := s.SignIn.ClientToken(ctx, signin.Request{Pool: p, Client: c, Metadata: metadata}, list(scope))
	switch {
	case fault.Is(err, fault.ScopeDoesNotExist):
		return nil, &Refusal{Code: InvalidScope}
	case err != nil:
		return nil, refused(err, InvalidRequest)
	}
	return &tokens, nil
}
