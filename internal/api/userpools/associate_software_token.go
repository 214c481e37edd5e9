package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/wire"
)

// AssociateSoftwareToken hands out the secret of a new software token: to a signed-in user with an access token, or within a sign-in that
// waits for MFA_SETUP, whose session is exchanged for another. VerifySoftwareToken puts the token in force; an earlier one counts until
// then.
func (s *Service) AssociateSoftwareToken(ctx context.Context, in *wire.AssociateSoftwareTokenInput) (*wire.AssociateSoftwareTokenOutput, error) {
	if err := checkTokenOrSession(in.AccessToken, in.Session); err != nil {
		return nil, err
	}
	if in.Session != "" {
		secret, session, err := s.SignIn.AssociateToken(ctx, in.Session)
		if err != nil {
			return nil, err
		}
		return &wire.AssociateSoftwareTokenOutput{SecretCode: secret, Session: session}, nil
	}
	by, err := s.caller(ctx, in.AccessToken)
	if err != nil {
		return nil, err
	}
	if err := user.CheckOffersTOTP(by.Pool); err != nil {
		return nil, err
	}
	secret := user.NewTOTPSecret()
	err = s.changeCaller(ctx, by, func(u *user.User) error {
		u.HandOutTOTP(secret, s.Now())
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &wire.AssociateSoftwareTokenOutput{SecretCode: secret}, nil
}
