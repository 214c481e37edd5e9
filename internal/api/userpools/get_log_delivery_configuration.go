package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/wire"
)

// GetLogDeliveryConfiguration shows which logs of the pool are delivered, and where.
func (s *Service) GetLogDeliveryConfiguration(
	ctx context.Context, in *wire.GetLogDeliveryConfigurationInput,
) (*wire.GetLogDeliveryConfigurationOutput, error) {
	p, err := s.Store.Pool(ctx, in.UserPoolId)
	if err != nil {
		return nil, err
	}
	return &wire.GetLogDeliveryConfigurationOutput{LogDeliveryConfiguration: p.ShowLogs()}, nil
}
