package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/wire"
)

// SetUserMFAPreference turns second factors of the signed-in user on and off, and chooses the preferred one.
func (s *Service) SetUserMFAPreference(ctx context.Context, in *wire.SetUserMFAPreferenceInput) (*wire.SetUserMFAPreferenceOutput, error) {
	by, err := s.caller(ctx, in.AccessToken)
	if err != nil {
		return nil, err
	}
	wanted := preferences(in.SMSMfaSettings, in.SoftwareTokenMfaSettings, in.EmailMfaSettings)
	err = s.changeCaller(ctx, by, func(u *user.User) error {
		return prefer(by.Pool, u, wanted, in.WebAuthnMfaSettings, s.Now())
	})
	if err != nil {
		return nil, err
	}
	return &wire.SetUserMFAPreferenceOutput{}, nil
}
