package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/user"
)

// changeMember changes what a user is to a group, in one transaction. Both have to exist.
func (s *Service) changeMember(
	ctx context.Context, poolID, group, username string, change func(*store.Tx, pool.Group, *user.User) error,
) error {
	p, err := s.Store.Pool(ctx, poolID)
	if err != nil {
		return err
	}
	return s.Store.Update(ctx, func(tx *store.Tx) error {
		u, err := tx.UserByName(p, username)
		if err != nil {
			return err
		}
		g, err := tx.Group(p.ID, group)
		if err != nil {
			return err
		}
		return change(tx, g, u)
	})
}
