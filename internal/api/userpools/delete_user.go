package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/wire"
)

// DeleteUser deletes the signed-in user.
func (s *Service) DeleteUser(ctx context.Context, in *wire.DeleteUserInput) (*wire.DeleteUserOutput, error) {
	by, err := s.caller(ctx, in.AccessToken)
	if err != nil {
		return nil, err
	}
	err = s.Store.Update(ctx, func(tx *store.Tx) error {
		u, err := by.Reread(tx)
		if err != nil {
			return err
		}
		return tx.DeleteUser(by.Pool, u)
	})
	if err != nil {
		return nil, err
	}
	return &wire.DeleteUserOutput{}, nil
}
