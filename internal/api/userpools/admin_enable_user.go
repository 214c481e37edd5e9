package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/wire"
)

// AdminEnableUser lets a disabled user sign in again.
func (s *Service) AdminEnableUser(ctx context.Context, in *wire.AdminEnableUserInput) (*wire.AdminEnableUserOutput, error) {
	err := s.changeUser(ctx, in.UserPoolId, in.Username, func(u *user.User) error {
		u.Enable(s.Now())
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &wire.AdminEnableUserOutput{}, nil
}
