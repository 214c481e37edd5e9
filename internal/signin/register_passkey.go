package signin

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

// Registrant is a signed-in user who registers a passkey. Pools have registrations only where a passkey signs in.
type Registrant struct {
	Pool   *pool.Pool
	Client *pool.Client
	Reread func(*store.Tx) (*user.User, error) // refuses a user who is not signed in any more
}

func (by Registrant) check() error {
	if !by.Pool.AllowsFirstFactor(pool.Passkey) {
		return fault.New(fault.WebAuthnNotEnabled, "WebAuthn is not enabled for the user pool.")
	}
	return nil
}

// StartPasskey begins a registration: it returns the options that the browser takes (WebAuthn, PublicKeyCredentialCreationOptionsJSON). One
// that the user began before is given up.
func (m *Machine) StartPasskey(ctx context.Context, by Registrant) (wire.Document, error) {
	if err := by.check(); err != nil {
		return nil, err
	}
	party := m.party(by.Pool)
	if party.ID == "" {
		return nil, fault.New(fault.WebAuthnConfigurationMissing, "The user pool has no relying party ID.")
	}
	pending := &user.PasskeyChallenge{
		ClientID: by.Client.ID, Challenge: passkey.NewChallenge(), Expires: m.Now().Add(user.RegistrationTime),
	}
	var owner *user.User
	var keys []*user.Passkey
	err := m.Store.Update(ctx, func(tx *store.Tx) (err error) {
		if owner, err = by.Reread(tx); err != nil {
			return err
		}
		if err := owner.CheckRegistersPasskeys(); err != nil {
			return err
		}
		if keys, err = tx.Passkeys(by.Pool, owner.ID, time.Time{}, "", 0); err != nil {
			return err
		}
		if len(keys) >= user.MaxPasskeys {
			return user.TooManyPasskeys()
		}
		return tx.SavePasskeyChallenge(by.Pool, owner.ID, pending)
	})
	if err != nil {
		return nil, err
	}
	return party.CreationOptions(pending.Challenge, owner.PasskeyOwner(), user.Credentials(keys, party.ID))
}

// CompletePasskey stores the passkey that an authenticator made. A credential that is refused leaves the registration as it was, so that the
// right one can follow.
func (m *Machine) CompletePasskey(ctx context.Context, by Registrant, credential wire.Document) error {
	if err := by.check(); err != nil {
		return err
	}
	party := m.party(by.Pool)
	return m.Store.Update(ctx, func(tx *store.Tx) error {
		u, err := by.Reread(tx)
		if err != nil {
			return err
		}
		if err := u.CheckRegistersPasskeys(); err != nil {
			return err
		}
		pending, err := tx.PasskeyChallenge(by.Pool, u.ID)
		switch {
		case err != nil:
			return err
		case pending == nil || !m.Now().Before(pending.Expires):
			return fault.New(fault.WebAuthnChallengeNotFound, "There is no pending registration of a passkey.")
		case pending.ClientID != by.Client.ID:
			return fault.New(fault.WebAuthnClientMismatch, "The registration was started by another app client.")
		}
		made, err := party.Register(pending.Challenge, credential)
		if err != nil {
			return err
		}
		others, err := tx.Passkeys(by.Pool, u.ID, time.Time{}, "", user.MaxPasskeys)
		if err != nil {
			return err
		}
		if len(others) >= user.MaxPasskeys {
			return user.TooManyPasskeys()
		}
		inserted, err := tx.InsertPasskey(by.Pool, user.NewPasskey(by.Pool, u, party.ID, *made, m.Now()))
		if err != nil {
			return err
		}
		if !inserted {
			return fault.New(fault.InvalidParameter, "The credential is already registered.")
		}
		return tx.DeletePasskeyChallenge(by.Pool, u.ID)
	})
}
