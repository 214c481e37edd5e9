package server

import (
	"context"

	"github.com/cenote-id/cenote/internal/api"
	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/operate"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/wire"
)

// devName is what the ready pool and its client are called; metaDevClient is the name under which the id of the client is kept.
const (
	devName       = "dev"
	metaDevClient = "dev.client"
)

// readyPool are the settings of the ready pool: users sign up with an e-mail address.
func readyPool() map[string]any {
	return map[string]any{
		"UsernameAttributes":     []string{"email"},
		"AutoVerifiedAttributes": []string{"email"},
		"Policies":               map[string]any{"SignInPolicy": map[string]any{"AllowedFirstAuthFactors": []string{"PASSWORD", "EMAIL_OTP", "WEB_AUTHN"}}},
	}
}

// readyMFA is its MFA configuration.
func readyMFA() map[string]any {
	return map[string]any{
		"MfaConfiguration":              "OPTIONAL",
		"SoftwareTokenMfaConfiguration": map[string]any{"Enabled": true},
		"WebAuthnConfiguration": map[string]any{ // a passkey is both factors, so that it goes on signing in whoever turns TOTP on
			"RelyingPartyId": "localhost", "UserVerification": "required", "FactorConfiguration": "MULTI_FACTOR_WITH_USER_VERIFICATION",
		},
	}
}

// readyClient are the settings of its client, which allows every flow.
func readyClient() map[string]any {
	return map[string]any{
		"ExplicitAuthFlows": []string{
			"ALLOW_USER_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_USER_PASSWORD_AUTH", "ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_CUSTOM_AUTH",
			"ALLOW_REFRESH_TOKEN_AUTH",
		},
		"PreventUserExistenceErrors": "ENABLED",
	}
}

// ensurePool finds the ready pool and client, or makes them: users sign up with an e-mail address and sign in by any flow, with a password,
// a code by e-mail or a passkey, and with TOTP where they want it. Their ids stay the same as long as the data does, so that an
// application needs them once.
func (s *Server) ensurePool(ctx context.Context) error {
	if found, err := s.findPool(ctx); found || err != nil {
		return err
	}
	p, err := api.Do[wire.CreateUserPoolOutput](ctx, s.operations, "CreateUserPool", with(readyPool(), "PoolName", devName))
	if err != nil {
		return err
	}
	id := p.UserPool.Id
	if _, err := api.Do[wire.SetUserPoolMfaConfigOutput](ctx, s.operations, "SetUserPoolMfaConfig", with(readyMFA(), "UserPoolId", id)); err != nil {
		return err
	}
	c, err := api.Do[wire.CreateUserPoolClientOutput](ctx, s.operations, "CreateUserPoolClient",
		with(with(readyClient(), "UserPoolId", id), "ClientName", devName))
	if err != nil {
		return err
	}
	d := s.Dev
	d.PoolID, d.ClientID = p.UserPool.Id, c.UserPoolClient.ClientId
	return s.data.Update(ctx, func(tx *store.Tx) error {
		if err := tx.SetMeta(operate.MetaDevPool, d.PoolID); err != nil {
			return err
		}
		return tx.SetMeta(metaDevClient, d.ClientID)
	})
}

// findPool looks for the pool and client of an earlier start. They may have been deleted since, or made for another region.
func (s *Server) findPool(ctx context.Context) (found bool, err error) {
	var poolID, clientID string
	err = s.data.View(ctx, func(tx *store.Tx) (err error) {
		if poolID, _, err = tx.Meta(operate.MetaDevPool); err != nil {
			return err
		}
		clientID, _, err = tx.Meta(metaDevClient)
		return err
	})
	if err != nil || poolID == "" {
		return false, err
	}
	p, c, err := s.data.Client(ctx, clientID)
	switch {
	case fault.Is(err, fault.ResourceNotFound):
		return false, nil
	case err != nil:
		return false, err
	case p.ID != poolID || p.Region() != s.options.Config.Region:
		return false, nil
	}
	s.Dev.PoolID, s.Dev.ClientID = p.ID, c.ID
	return true, nil
}
