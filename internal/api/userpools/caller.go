package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/signin"
	"github.com/cenote-id/cenote/internal/token"
)

// caller finds out who calls with the access token, and refuses a token that does not open the operations of the signed-in user.
func (s *Service) caller(ctx context.Context, accessToken string) (*signin.Bearer, error) {
	by, err := s.SignIn.Bearer(ctx, accessToken)
	if err != nil {
		return nil, err
	}
	return by, by.Token.CheckScope(token.UserScope)
}
