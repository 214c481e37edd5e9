package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/signin"
	"github.com/cenote-id/cenote/internal/wire"
)

// CompleteWebAuthnRegistration stores the passkey that an authenticator made. A credential that is refused leaves the registration as it
// was, so that the right one can follow.
func (s *Service) CompleteWebAuthnRegistration(
	ctx context.Context, in *wire.CompleteWebAuthnRegistrationInput,
) (*wire.CompleteWebAuthnRegistrationOutput, error) {
	by, err := s.caller(ctx, in.AccessToken)
	if err != nil {
		return nil, err
	}
	if err := s.SignIn.CompletePasskey(ctx, signin.Registrant{Pool: by.Pool, Client: by.Client, Reread: by.Reread}, in.Credential); err != nil {
		return nil, err
	}
	return &wire.CompleteWebAuthnRegistrationOutput{}, nil
}
