package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/wire"
)

// AdminSetUserMFAPreference turns second factors of a user on and off, and chooses the preferred one.
func (s *Service) AdminSetUserMFAPreference(ctx context.Context, in *wire.AdminSetUserMFAPreferenceInput) (*wire.AdminSetUserMFAPreferenceOutput, error) {
	p, err := s.Store.Pool(ctx, in.UserPoolId)
	if err != nil {
		return nil, err
	}
	wanted := preferences(in.SMSMfaSettings, in.SoftwareTokenMfaSettings, in.EmailMfaSettings)
	err = s.changeUser(ctx, in.UserPoolId, in.Username, func(u *user.User) error {
		return prefer(p, u, wanted, in.WebAuthnMfaSettings, s.Now())
	})
	if err != nil {
		return nil, err
	}
	return &wire.AdminSetUserMFAPreferenceOutput{}, nil
}
