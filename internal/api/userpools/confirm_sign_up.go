package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/signin"
	"github.com/cenote-id/cenote/internal/wire"
)

// ConfirmSignUp ends a sign-up with the code that the user was sent, and marks the address it went to as verified. An alias that
// somebody else holds is refused, or moves to this user with ForceAliasCreation. With the session of SignUp it answers another, with which
// the user signs in at once.
func (s *Service) ConfirmSignUp(ctx context.Context, in *wire.ConfirmSignUpInput) (*wire.ConfirmSignUpOutput, error) {
	return s.confirmByCode(ctx, in, signin.ByClient)
}
