package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/signin"
	"github.com/cenote-id/cenote/internal/wire"
)

// StartWebAuthnRegistration begins the registration of a passkey: it answers the options that the browser takes. A registration that
// the user began before is given up.
func (s *Service) StartWebAuthnRegistration(
	ctx context.Context, in *wire.StartWebAuthnRegistrationInput,
) (*wire.StartWebAuthnRegistrationOutput, error) {
	by, err := s.caller(ctx, in.AccessToken)
	if err != nil {
		return nil, err
	}
	options, err := s.SignIn.StartPasskey(ctx, signin.Registrant{Pool: by.Pool, Client: by.Client, Reread: by.Reread})
	if err != nil {
		return nil, err
	}
	return &wire.StartWebAuthnRegistrationOutput{CredentialCreationOptions: options}, nil
}
