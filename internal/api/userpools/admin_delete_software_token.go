package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/wire"
)

// AdminDeleteSoftwareToken takes a user's software token away, so that the user can register a new one. A user without any loses nothing.
func (s *Service) AdminDeleteSoftwareToken(ctx context.Context, in *wire.AdminDeleteSoftwareTokenInput) (*wire.AdminDeleteSoftwareTokenOutput, error) {
	err := s.changeUser(ctx, in.UserPoolId, in.Username, func(u *user.User) error {
		u.DropTOTP(s.Now())
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &wire.AdminDeleteSoftwareTokenOutput{}, nil
}
