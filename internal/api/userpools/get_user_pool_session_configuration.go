package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/wire"
)

// GetUserPoolSessionConfiguration shows whether the pool tracks sessions, and how many a user can have.
func (s *Service) GetUserPoolSessionConfiguration(
	ctx context.Context, in *wire.GetUserPoolSessionConfigurationInput,
) (*wire.GetUserPoolSessionConfigurationOutput, error) {
	p, err := s.Store.Pool(ctx, in.UserPoolId)
	if err != nil {
		return nil, err
	}
	return showSessionSettings(p), nil
}
