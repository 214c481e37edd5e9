package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/wire"
)

// AdminDisableUser stops a user from signing in and revokes all tokens. The user stays visible to ListUsers.
func (s *Service) AdminDisableUser(ctx context.Context, in *wire.AdminDisableUserInput) (*wire.AdminDisableUserOutput, error) {
	err := s.changeUser(ctx, in.UserPoolId, in.Username, func(u *user.User) error {
		u.Disable(s.Now())
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &wire.AdminDisableUserOutput{}, nil
}
