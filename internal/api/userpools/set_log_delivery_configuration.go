package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/wire"
)

// SetLogDeliveryConfiguration says which logs of the pool are delivered, and where. The list replaces the one before; an empty one ends
// delivery.
func (s *Service) SetLogDeliveryConfiguration(
	ctx context.Context, in *wire.SetLogDeliveryConfigurationInput,
) (*wire.SetLogDeliveryConfigurationOutput, error) {
	out := &wire.SetLogDeliveryConfigurationOutput{}
	err := s.changePool(ctx, in.UserPoolId, func(_ *store.Tx, p *pool.Pool) error {
		err := p.SetLogs(in.LogConfigurations)
		out.LogDeliveryConfiguration = p.ShowLogs()
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}
