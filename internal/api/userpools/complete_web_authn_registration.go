package userpools

import (
	"context"
	"time"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/wire"
)

// CompleteWebAuthnRegistration stores the passkey that an authenticator made. A credential that is refused leaves the registration as it
// was, so that the right one can follow.
func (s *Service) CompleteWebAuthnRegistration(
	ctx context.Context, in *wire.CompleteWebAuthnRegistrationInput,
) (*wire.CompleteWebAuthnRegistrationOutput, error) {
	by, err := s.passkeyCaller(ctx, in.AccessToken)
	if err != nil {
		return nil, err
	}
	party := user.PasskeyParty(by.Pool, s.Tokens.PublicURL)
	err = s.Store.Update(ctx, func(tx *store.Tx) error {
		u, err := by.Reread(tx)
		if err != nil {
			return err
		}
		pending, err := tx.PasskeyChallenge(by.Pool, u.ID)
		switch {
		case err != nil:
			return err
		case pending == nil || !s.Now().Before(pending.Expires):
			return fault.New(fault.WebAuthnChallengeNotFound, "There is no pending registration of a passkey.")
		case pending.ClientID != by.Client.ID:
			return fault.New(fault.WebAuthnClientMismatch, "The registration was started by another app client.")
		}
		made, err := party.Register(pending.Challenge, in.Credential)
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
		inserted, err := tx.InsertPasskey(by.Pool, user.NewPasskey(by.Pool, u, party.ID, *made, s.Now()))
		if err != nil {
			return err
		}
		if !inserted {
			return fault.New(fault.InvalidParameter, "The credential is already registered.")
		}
		return tx.DeletePasskeyChallenge(by.Pool, u.ID)
	})
	if err != nil {
		return nil, err
	}
	return &wire.CompleteWebAuthnRegistrationOutput{}, nil
}
