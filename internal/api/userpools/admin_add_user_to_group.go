package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/wire"
)

// AdminAddUserToGroup makes a user a member of a group. A user who is one already stays one.
func (s *Service) AdminAddUserToGroup(ctx context.Context, in *wire.AdminAddUserToGroupInput) (*wire.AdminAddUserToGroupOutput, error) {
	err := s.changeMember(ctx, in.UserPoolId, in.GroupName, in.Username, func(tx *store.Tx, g pool.Group, u *user.User) error {
		return tx.AddMember(g.PoolID, g.Name, u.ID, s.Now())
	})
	if err != nil {
		return nil, err
	}
	return &wire.AdminAddUserToGroupOutput{}, nil
}

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
