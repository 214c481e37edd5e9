package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/trigger"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/wire"
)

// AdminConfirmSignUp confirms a user without a code. It verifies no address.
func (s *Service) AdminConfirmSignUp(ctx context.Context, in *wire.AdminConfirmSignUpInput) (*wire.AdminConfirmSignUpOutput, error) {
	p, err := s.Store.Pool(ctx, in.UserPoolId)
	if err != nil {
		return nil, err
	}
	var u *user.User
	err = s.Store.Update(ctx, func(tx *store.Tx) (err error) {
		u, err = tx.UserByName(p, in.Username)
		if err != nil {
			return err
		}
		if err := u.Confirm(s.Now()); err != nil {
			return err
		}
		if err := tx.DeleteCode(p, u.ID, user.SignUpCode); err != nil {
			return err
		}
		return tx.SaveUser(p, u)
	})
	if err != nil {
		return nil, err
	}
	if err := s.postConfirmation(ctx, p, nil, u, trigger.PostConfirmationConfirmSignUp, in.ClientMetadata); err != nil {
		return nil, err
	}
	return &wire.AdminConfirmSignUpOutput{}, nil
}
