package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/wire"
)

// SetUserPoolClientSessionConfiguration sets for how long the client takes over a session in the browser. The pool has to track sessions.
func (s *Service) SetUserPoolClientSessionConfiguration(
	ctx context.Context, in *wire.SetUserPoolClientSessionConfigurationInput,
) (*wire.SetUserPoolClientSessionConfigurationOutput, error) {
	var out *wire.GetUserPoolClientSessionConfigurationOutput
	err := s.changeClient(ctx, in.UserPoolId, in.ClientId, func(_ *store.Tx, p *pool.Pool, c *pool.Client) error {
		if err := c.SetSessions(p, in.SSOSession.MaxValidityMinutes); err != nil {
			return err
		}
		out = showClientSessions(c)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return (*wire.SetUserPoolClientSessionConfigurationOutput)(out), nil
}
