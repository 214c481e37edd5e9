package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/wire"
)

// AdminGetUserAuthFactors shows what a user could sign in with, and the second factors that are turned on.
func (s *Service) AdminGetUserAuthFactors(ctx context.Context, in *wire.AdminGetUserAuthFactorsInput) (*wire.AdminGetUserAuthFactorsOutput, error) {
	p, err := s.Store.Pool(ctx, in.UserPoolId)
	if err != nil {
		return nil, err
	}
	var u *user.User
	var passkeys int
	err = s.Store.View(ctx, func(tx *store.Tx) (err error) {
		if u, err = tx.UserByName(p, in.Username); err != nil {
			return err
		}
		passkeys, err = tx.CountPasskeys(p.ID, u.ID, user.PasskeyParty(p, s.Tokens.PublicURL).ID)
		return err
	})
	if err != nil {
		return nil, err
	}
	return &wire.AdminGetUserAuthFactorsOutput{
		Username: u.Username, PreferredMfaSetting: string(u.Factors.Preferred), UserMFASettingList: u.EnabledFactors(),
		ConfiguredUserAuthFactors: u.AuthFactors(p, passkeys),
	}, nil
}
