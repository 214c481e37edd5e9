package signin

import (
	"context"
	"slices"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/token"
	"github.com/cenote-id/cenote/internal/trigger"
)

// machineName is what functions are told as the user name of a client that acts for itself.
const machineName = "ClientCredentials"

// ClientToken issues an access token to a client that acts for itself: GetClientToken and the client_credentials grant. The caller has
// checked the client's secret and that it may use the flow. The scopes are custom ones of the client; none stands for all of them. A scope
// that no resource server has any more is left out; one that the client is not allowed is ScopeDoesNotExist.
func (m *Machine) ClientToken(ctx context.Context, by Request, scopes []string) (token.Tokens, error) {
	scopes, err := m.machineScopes(ctx, by.Pool, by.Client, scopes)
	if err != nil {
		return token.Tokens{}, err
	}
	var changes token.Changes
	if m.Triggers.HasPreToken(by.Pool, trigger.TokenGenerationClientCredentials) {
		changes, err = m.Triggers.PreTokenGeneration(ctx,
			trigger.CallFrom(ctx, by.Pool, by.Client.ID, machineName, trigger.TokenGenerationClientCredentials),
			trigger.PreTokenGenerationRequest{ClientMetadata: by.Metadata, Scopes: scopes})
		if err != nil {
			return token.Tokens{}, err
		}
	}
	return m.Tokens.IssueMachine(by.Pool, by.Client, scopes, changes)
}

// machineScopes returns the scopes that a client gets when it asks for some, each once.
func (m *Machine) machineScopes(ctx context.Context, p *pool.Pool, c *pool.Client, asked []string) ([]string, error) {
	allowed := c.Settings.AllowedOAuthScopes
	if len(asked) == 0 {
		asked = allowed
	} else {
		for _, scope := range asked {
			if _, _, custom := pool.CutScope(scope); !custom || !slices.Contains(allowed, scope) {
				return nil, fault.Newf(fault.ScopeDoesNotExist, "Invalid scope requested: %s", scope)
			}
		}
	}
	var scopes []string
	err := m.Store.View(ctx, func(tx *store.Tx) error {
		existing, err := tx.ExistingScopes(p, asked)
		for _, scope := range existing {
			if !slices.Contains(scopes, scope) {
				scopes = append(scopes, scope)
			}
		}
		return err
	})
	return scopes, err
}
