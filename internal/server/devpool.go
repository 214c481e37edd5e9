package server

import (
	"context"

	"github.com/cenote-id/cenote/internal/api/userpools"
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

// ensurePool finds the ready pool and client, or makes them: users sign up with an e-mail address and sign in by any flow, with a password,
// a code by e-mail or a passkey, and with TOTP where they want it. Their ids stay the same as long as the data does, so that an
// application needs them once.
func (d *Dev) ensurePool(ctx context.Context, s *userpools.Service) error {
	if found, err := d.findPool(ctx, s); found || err != nil {
		return err
	}
	p, err := s.CreateUserPool(ctx, &wire.CreateUserPoolInput{
		PoolName:               devName,
		UsernameAttributes:     []string{"email"},
		AutoVerifiedAttributes: []string{"email"},
		Policies:               &wire.UserPoolPolicyType{SignInPolicy: &wire.SignInPolicyType{AllowedFirstAuthFactors: []string{"PASSWORD", "EMAIL_OTP", "WEB_AUTHN"}}},
	})
	if err != nil {
		return err
	}
	_, err = s.SetUserPoolMfaConfig(ctx, &wire.SetUserPoolMfaConfigInput{
		UserPoolId:                    p.UserPool.Id,
		MfaConfiguration:              "OPTIONAL",
		SoftwareTokenMfaConfiguration: &wire.SoftwareTokenMfaConfigType{Enabled: wire.Ptr(true)},
		WebAuthnConfiguration:         &wire.WebAuthnConfigurationType{RelyingPartyId: "localhost", UserVerification: "preferred"},
	})
	if err != nil {
		return err
	}
	c, err := s.CreateUserPoolClient(ctx, &wire.CreateUserPoolClientInput{
		UserPoolId: p.UserPool.Id,
		ClientName: devName,
		ExplicitAuthFlows: []string{
			"ALLOW_USER_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_USER_PASSWORD_AUTH", "ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_CUSTOM_AUTH",
			"ALLOW_REFRESH_TOKEN_AUTH",
		},
		PreventUserExistenceErrors: "ENABLED",
	})
	if err != nil {
		return err
	}
	d.PoolID, d.ClientID = p.UserPool.Id, c.UserPoolClient.ClientId
	return s.Store.Update(ctx, func(tx *store.Tx) error {
		if err := tx.SetMeta(operate.MetaDevPool, d.PoolID); err != nil {
			return err
		}
		return tx.SetMeta(metaDevClient, d.ClientID)
	})
}

// findPool looks for the pool and client of an earlier start. They may have been deleted since, or made for another region.
func (d *Dev) findPool(ctx context.Context, s *userpools.Service) (found bool, err error) {
	var poolID, clientID string
	err = s.Store.View(ctx, func(tx *store.Tx) (err error) {
		if poolID, _, err = tx.Meta(operate.MetaDevPool); err != nil {
			return err
		}
		clientID, _, err = tx.Meta(metaDevClient)
		return err
	})
	if err != nil || poolID == "" {
		return false, err
	}
	p, c, err := s.Store.Client(ctx, clientID)
	switch {
	case fault.Is(err, fault.ResourceNotFound):
		return false, nil
	case err != nil:
		return false, err
	case p.ID != poolID || p.Region() != s.Region:
		return false, nil
	}
	d.PoolID, d.ClientID = p.ID, c.ID
	return true, nil
}
