package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/wire"
)

// VerifySoftwareToken puts a software token in force with its first code. With an access token and where MFA is optional, the user still
// has to turn it on (SetUserMFAPreference). With a session it is on, and the session that is answered passes MFA_SETUP.
func (s *Service) VerifySoftwareToken(ctx context.Context, in *wire.VerifySoftwareTokenInput) (*wire.VerifySoftwareTokenOutput, error) {
	if err := checkTokenOrSession(in.AccessToken, in.Session); err != nil {
		return nil, err
	}
	if in.Session != "" {
		session, err := s.SignIn.VerifyToken(ctx, in.Session, in.UserCode, in.FriendlyDeviceName)
		if err != nil {
			return nil, err
		}
		return &wire.VerifySoftwareTokenOutput{Status: "SUCCESS", Session: session}, nil
	}
	by, err := s.caller(ctx, in.AccessToken)
	if err != nil {
		return nil, err
	}
	if err := user.CheckOffersTOTP(by.Pool); err != nil {
		return nil, err
	}
	err = s.changeCaller(ctx, by, func(u *user.User) error {
		return u.AdoptTOTP(u.Factors.Pending, in.UserCode, in.FriendlyDeviceName, s.Now())
	})
	if err != nil {
		return nil, err
	}
	return &wire.VerifySoftwareTokenOutput{Status: "SUCCESS"}, nil
}
