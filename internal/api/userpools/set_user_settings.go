package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/wire"
)

// SetUserSettings turns second factors by text message on or off for the signed-in user, in the way that came before
// SetUserMFAPreference.
func (s *Service) SetUserSettings(ctx context.Context, in *wire.SetUserSettingsInput) (*wire.SetUserSettingsOutput, error) {
	by, err := s.caller(ctx, in.AccessToken)
	if err != nil {
		return nil, err
	}
	texts, err := wantsTexts(in.MFAOptions)
	if err != nil {
		return nil, err
	}
	err = s.changeCaller(ctx, by, func(u *user.User) error { return u.UseTexts(texts, s.Now()) })
	if err != nil {
		return nil, err
	}
	return &wire.SetUserSettingsOutput{}, nil
}

// textOption is the one option that there is.
var textOption = wire.MFAOptionType{DeliveryMedium: "SMS", AttributeName: pool.Phone}
