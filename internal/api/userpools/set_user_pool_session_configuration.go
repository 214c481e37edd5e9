package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/wire"
)

// SetUserPoolSessionConfiguration turns the tracking of sessions on or off. Sign-ins from before it was turned on are not known as
// sessions; what clients have set stays while it is off.
func (s *Service) SetUserPoolSessionConfiguration(
	ctx context.Context, in *wire.SetUserPoolSessionConfigurationInput,
) (*wire.SetUserPoolSessionConfigurationOutput, error) {
	var out *wire.GetUserPoolSessionConfigurationOutput
	err := s.changePool(ctx, in.UserPoolId, func(_ *store.Tx, p *pool.Pool) error {
		if err := p.SetSessions(in.UserSessionTracking, in.TokenSession.MaxPerUser); err != nil {
			return err
		}
		out = showSessionSettings(p)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return (*wire.SetUserPoolSessionConfigurationOutput)(out), nil
}
