package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/wire"
)

// AdminGetUser shows everything about a user: attributes, status, dates.
func (s *Service) AdminGetUser(ctx context.Context, in *wire.AdminGetUserInput) (*wire.AdminGetUserOutput, error) {
	p, err := s.Store.Pool(ctx, in.UserPoolId)
	if err != nil {
		return nil, err
	}
	var u *user.User
	err = s.Store.Read(ctx, func(tx *store.Tx) (err error) {
		u, err = tx.WithoutPasswords().UserByName(p, in.Username)
		return err
	})
	if err != nil {
		return nil, err
	}
	return &wire.AdminGetUserOutput{
		Username:             u.Username,
		UserAttributes:       showAttributes(u, nil),
		UserCreateDate:       wire.At(u.Created),
		UserLastModifiedDate: wire.At(u.Modified),
		Enabled:              &u.Enabled,
		UserStatus:           string(u.Status),
		MFAOptions:           showMFAOptions(u),
		PreferredMfaSetting:  string(u.Factors.Preferred),
		UserMFASettingList:   u.EnabledFactors(),
	}, nil
}
