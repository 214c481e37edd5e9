package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/wire"
)

// GetUserAuthFactors shows what the signed-in user could sign in with, and the second factors that are turned on.
func (s *Service) GetUserAuthFactors(ctx context.Context, in *wire.GetUserAuthFactorsInput) (*wire.GetUserAuthFactorsOutput, error) {
	by, err := s.caller(ctx, in.AccessToken)
	if err != nil {
		return nil, err
	}
	var passkeys int
	err = s.Store.View(ctx, func(tx *store.Tx) (err error) {
		passkeys, err = tx.CountPasskeys(by.Pool.ID, by.User.ID, user.PasskeyParty(by.Pool, s.Tokens.PublicURL).ID)
		return err
	})
	if err != nil {
		return nil, err
	}
	return &wire.GetUserAuthFactorsOutput{
		Username: by.User.Username, PreferredMfaSetting: string(by.User.Factors.Preferred), UserMFASettingList: by.User.EnabledFactors(),
		ConfiguredUserAuthFactors: by.User.AuthFactors(by.Pool, passkeys),
	}, nil
}
