package signin

import (
	"context"
	"slices"
	"time"

	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/token"
	"github.com/cenote-id/cenote/internal/trigger"
)

// Terms are what tokens are issued under, by the operation or the endpoint that redeems a grant.
type Terms struct {
	Scopes   []string          // of the access token
	Hosted   bool              // by the OAuth endpoints: the scopes decide what the ID token holds, and whether there is one
	Once     bool              // without a refresh token: the implicit flow
	Audience string            // resource server that the access token is bound to; empty: none
	Nonce    string            // of the OAuth request, for the ID token
	Source   trigger.Source    // of the PreTokenGeneration event; empty: the step that completed the sign-in
	Metadata map[string]string // ClientMetadata, for PreTokenGeneration
}

// Redeem issues the tokens of a grant to its client, and keeps the sign-in as a session where the pool tracks them. The API redeems a grant
// as soon as the sign-in ends. Whoever redeems it later, in exchange for an authorization code, sees to it that each code is redeemed once;
// the user is read again then, and checked (ReadHolder).
func (m *Machine) Redeem(ctx context.Context, p *pool.Pool, c *pool.Client, g *Grant, terms Terms) (*token.Tokens, error) {
	if g.PoolID != p.ID || g.ClientID != c.ID {
		return nil, errInvalidSession
	}
	if g.held == nil {
		if err := m.Store.View(ctx, func(tx *store.Tx) error { return g.ReadHolder(tx, p) }); err != nil {
			return nil, err
		}
	}
	to := g.held
	if terms.Source == "" {
		terms.Source = completedBy(g.Passed)
	}
	scopes, err := m.existingScopes(ctx, p, terms.Scopes)
	if err != nil {
		return nil, err
	}
	issue := token.Grant{
		Pool: p, Client: c, User: to.user, Groups: to.groups, SignIn: g.SignIn,
		Scopes: scopes, Hosted: terms.Hosted, Audience: terms.Audience, Nonce: terms.Nonce,
	}
	if err := m.tokenChanges(ctx, &issue, terms.Metadata, terms.Source); err != nil {
		return nil, err
	}
	tokens, err := m.Tokens.Issue(issue)
	if err != nil {
		return nil, err
	}
	if terms.Once {
		return &tokens, nil
	}
	issue.Scopes = terms.Scopes
	if tokens.Refresh, err = m.Tokens.IssueRefresh(issue, time.Time{}); err != nil {
		return nil, err
	}
	if err := m.track(ctx, p, c, g); err != nil {
		return nil, err
	}
	return &tokens, nil
}

// completedBy returns the source of the PreTokenGeneration event by the step that completed the sign-in.
func completedBy(passed []Challenge) trigger.Source {
	switch {
	case len(passed) > 0 && passed[len(passed)-1] == DevicePasswordVerifier:
		return trigger.TokenGenerationAuthenticateDevice
	case slices.Contains(passed, NewPasswordRequired):
		return trigger.TokenGenerationNewPasswordChallenge
	}
	return trigger.TokenGenerationAuthentication
}
