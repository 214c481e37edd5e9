package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/wire"
)

// GetUserPoolClientSessionConfiguration shows for how long the client takes over a session in the browser.
func (s *Service) GetUserPoolClientSessionConfiguration(
	ctx context.Context, in *wire.GetUserPoolClientSessionConfigurationInput,
) (*wire.GetUserPoolClientSessionConfigurationOutput, error) {
	_, c, err := s.clientOf(ctx, in.UserPoolId, in.ClientId)
	if err != nil {
		return nil, err
	}
	return showClientSessions(c), nil
}
