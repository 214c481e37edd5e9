package authorize

import (
	"context"
	"slices"
	"strings"

	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/token"
	"github.com/cenote-id/cenote/internal/trigger"
)

// machineUser is how functions are told who gets the tokens of a machine.
const machineUser = "ClientCredentials"

// ClientCredentials issues an access token to the client itself (RFC 6749, section 4.4). The scopes are those of resource servers, all of
// the client's when it asks for none.
func (s *Service) ClientCredentials(ctx context.Context, p *pool.Pool, c *pool.Client, scope string, metadata map[string]string) (*token.Tokens, error) {
	if len(c.Secrets) == 0 || !slices.Contains(c.Settings.AllowedOAuthFlows, "client_credentials") || !enabled(c) {
		return nil, &Refusal{Code: UnauthorizedClient}
	}
	var allowed, scopes []string
	for _, own := range c.Settings.AllowedOAuthScopes {
		if !pool.StandardScope(own) {
			allowed = append(allowed, own)
		}
	}
	for _, asked := range strings.Fields(scope) {
		if !slices.Contains(allowed, asked) {
			return nil, &Refusal{Code: InvalidScope}
		}
		if !slices.Contains(scopes, asked) {
			scopes = append(scopes, asked)
		}
	}
	if len(scopes) == 0 {
		scopes = allowed
	}
	var changes token.Changes
	if s.Triggers.HasPreToken(p, trigger.TokenGenerationClientCredentials) {
		asked, err := s.Triggers.PreTokenGeneration(ctx,
			trigger.CallFrom(ctx, p, c.ID, machineUser, trigger.TokenGenerationClientCredentials),
			trigger.PreTokenGenerationRequest{ClientMetadata: metadata, Scopes: scopes})
		if err != nil {
			return nil, refused(err, InvalidRequest)
		}
		changes = asked
	}
	tokens, err := s.Tokens.IssueMachine(p, c, scopes, changes)
	if err != nil {
		return nil, err
	}
	return &tokens, nil
}
