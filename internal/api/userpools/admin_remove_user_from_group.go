package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/wire"
)

// AdminRemoveUserFromGroup ends a user's membership of a group. It is no error when the user is no member.
func (s *Service) AdminRemoveUserFromGroup(
	ctx context.Context, in *wire.AdminRemoveUserFromGroupInput,
) (*wire.AdminRemoveUserFromGroupOutput, error) {
	err := s.changeMember(ctx, in.UserPoolId, in.GroupName, in.Username, func(tx *store.Tx, g pool.Group, u *user.User) error {
		return tx.RemoveMember(g.PoolID, g.Name, u.ID)
	})
	if err != nil {
		return nil, err
	}
	return &wire.AdminRemoveUserFromGroupOutput{}, nil
}
