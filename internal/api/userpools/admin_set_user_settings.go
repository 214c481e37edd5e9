package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/wire"
)

// AdminSetUserSettings turns second factors by text message on or off for a user, in the way that came before AdminSetUserMFAPreference.
func (s *Service) AdminSetUserSettings(ctx context.Context, in *wire.AdminSetUserSettingsInput) (*wire.AdminSetUserSettingsOutput, error) {
	texts, err := wantsTexts(in.MFAOptions)
	if err != nil {
		return nil, err
	}
	err = s.changeUser(ctx, in.UserPoolId, in.Username, func(u *user.User) error { return u.UseTexts(texts, s.Now()) })
	if err != nil {
		return nil, err
	}
	return &wire.AdminSetUserSettingsOutput{}, nil
}
