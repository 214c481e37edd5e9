package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/pool"
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

// showSessionSettings shows the session settings of a pool, with the defaults in place of what was never set.
func showSessionSettings(p *pool.Pool) *wire.GetUserPoolSessionConfigurationOutput {
	out := &wire.GetUserPoolSessionConfigurationOutput{
		UserPoolId: p.ID, UserSessionTracking: "DISABLED",
		TokenSession: &wire.UserPoolTokenSessionConfigType{MaxPerUser: int64(p.MaxSessions())},
	}
	if p.TracksSessions() {
		out.UserSessionTracking = "ENABLED"
	}
	return out
}
