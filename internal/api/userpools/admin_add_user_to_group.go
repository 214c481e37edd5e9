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
