package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/wire"
)

// AdminUserGlobalSignOut revokes all tokens of a user.
func (s *Service) AdminUserGlobalSignOut(ctx context.Context, in *wire.AdminUserGlobalSignOutInput) (*wire.AdminUserGlobalSignOutOutput, error) {
	err := s.changeUser(ctx, in.UserPoolId, in.Username, func(u *user.User) error {
		u.SignOutEverywhere(s.Now())
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &wire.AdminUserGlobalSignOutOutput{}, nil
}
