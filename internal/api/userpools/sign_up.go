package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/signin"
	"github.com/cenote-id/cenote/internal/wire"
)

// SignUp registers a user, who has to confirm an address with the code that is sent to it. Where the pool verifies no address by
// itself, no code is sent and an administrator confirms. The PreSignUp trigger may refuse the user, confirm it at once, and vouch for
// addresses, which then move from others that have them as an alias.
func (s *Service) SignUp(ctx context.Context, in *wire.SignUpInput) (*wire.SignUpOutput, error) {
	return s.signUp(ctx, in, signin.ByClient)
}
