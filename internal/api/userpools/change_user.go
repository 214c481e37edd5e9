package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/signin"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/user"
)

// changeUser loads a user of a pool by any of its names or its sub, lets change decide, and saves. Most administrative operations
// on a user are one call of it. change may run more than once and must touch nothing but the user.
func (s *Service) changeUser(ctx context.Context, poolID, name string, change func(*user.User) error) error {
	p, err := s.Store.Pool(ctx, poolID)
	if err != nil {
		return err
	}
	return s.Store.Update(ctx, func(tx *store.Tx) error {
		u, err := tx.UserByName(p, name)
		if err != nil {
			return err
		}
		if err := change(u); err != nil {
			return err
		}
		return tx.SaveUser(p, u)
	})
}

// changeCaller is changeUser for the signed-in user, whose token is checked again within the transaction.
func (s *Service) changeCaller(ctx context.Context, by *signin.Bearer, change func(*user.User) error) error {
	return s.Store.Update(ctx, func(tx *store.Tx) error {
		u, err := by.Reread(tx)
		if err != nil {
			return err
		}
		if err := change(u); err != nil {
			return err
		}
		return tx.SaveUser(by.Pool, u)
	})
}
