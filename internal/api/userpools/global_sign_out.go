package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/wire"
)

// GlobalSignOut revokes all tokens of the signed-in user, the one that calls included.
func (s *Service) GlobalSignOut(ctx context.Context, in *wire.GlobalSignOutInput) (*wire.GlobalSignOutOutput, error) {
	by, err := s.caller(ctx, in.AccessToken)
	if err != nil {
		return nil, err
	}
	err = s.Store.Update(ctx, func(tx *store.Tx) error {
		u, err := by.Reread(tx)
		if err != nil {
			return err
		}
		u.SignOutEverywhere(s.Now())
		return tx.SaveUser(by.Pool, u)
	})
	if err != nil {
		return nil, err
	}
	return &wire.GlobalSignOutOutput{}, nil
}
