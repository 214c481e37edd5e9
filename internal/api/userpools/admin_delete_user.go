package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/wire"
)

// AdminDeleteUser deletes a user and everything that belongs to them. The names are free at once.
func (s *Service) AdminDeleteUser(ctx context.Context, in *wire.AdminDeleteUserInput) (*wire.AdminDeleteUserOutput, error) {
	p, err := s.Store.Pool(ctx, in.UserPoolId)
	if err != nil {
		return nil, err
	}
	err = s.Store.Update(ctx, func(tx *store.Tx) error {
		u, err := tx.UserByName(p, in.Username)
		if err != nil {
			return err
		}
		return tx.DeleteUser(p, u)
	})
	if err != nil {
		return nil, err
	}
	return &wire.AdminDeleteUserOutput{}, nil
}
