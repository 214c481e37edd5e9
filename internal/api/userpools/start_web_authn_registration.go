package userpools

import (
	"context"
	"time"

	"github.com/cenote-id/cenote/internal/credential/passkey"
	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/wire"
)

// StartWebAuthnRegistration begins the registration of a passkey: it answers the options that the browser takes. A registration that
// the user began before is given up.
func (s *Service) StartWebAuthnRegistration(
	ctx context.Context, in *wire.StartWebAuthnRegistrationInput,
) (*wire.StartWebAuthnRegistrationOutput, error) {
	by, err := s.passkeyCaller(ctx, in.AccessToken)
	if err != nil {
		return nil, err
	}
	party, err := s.passkeyParty(by.Pool)
	if err != nil {
		return nil, err
	}
	pending := &user.PasskeyChallenge{
		ClientID: by.Client.ID, Challenge: passkey.NewChallenge(), Expires: s.Now().Add(user.RegistrationTime),
	}
	var keys []*user.Passkey
	err = s.Store.Update(ctx, func(tx *store.Tx) error {
		u, err := by.Reread(tx)
		if err != nil {
			return err
		}
		if keys, err = tx.Passkeys(by.Pool, u.ID, time.Time{}, "", 0); err != nil {
			return err
		}
		if len(keys) >= user.MaxPasskeys {
			return user.TooManyPasskeys()
		}
		return tx.SavePasskeyChallenge(by.Pool, u.ID, pending)
	})
	if err != nil {
		return nil, err
	}
	options, err := party.CreationOptions(pending.Challenge, by.User.PasskeyOwner(), user.Credentials(keys, party.ID))
	if err != nil {
		return nil, err
	}
	return &wire.StartWebAuthnRegistrationOutput{CredentialCreationOptions: options}, nil
}

// passkeyParty returns the relying party of a pool.
func (s *Service) passkeyParty(p *pool.Pool) (passkey.Party, error) {
	party := user.PasskeyParty(p, s.Tokens.PublicURL)
	if party.ID == "" {
		return party, fault.New(fault.WebAuthnConfigurationMissing, "The user pool has no relying party ID.")
	}
	return party, nil
}
