package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/wire"
)

// DeleteWebAuthnCredential deletes a passkey of the signed-in user.
func (s *Service) DeleteWebAuthnCredential(
	ctx context.Context, in *wire.DeleteWebAuthnCredentialInput,
) (*wire.DeleteWebAuthnCredentialOutput, error) {
	by, err := s.caller(ctx, in.AccessToken)
	if err != nil {
		return nil, err
	}
	err = s.Store.Update(ctx, func(tx *store.Tx) error {
		u, err := by.Reread(tx)
		if err != nil {
			return err
		}
		return tx.DeletePasskey(by.Pool, u.ID, in.CredentialId)
	})
	if err != nil {
		return nil, err
	}
	return &wire.DeleteWebAuthnCredentialOutput{}, nil
}
