package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/wire"
)

// UpdateUserPoolClient replaces the settings of an app client. A setting that is left out returns to its default; the name and the
// secrets stay.
func (s *Service) UpdateUserPoolClient(ctx context.Context, in *wire.UpdateUserPoolClientInput) (*wire.UpdateUserPoolClientOutput, error) {
	out := &wire.UpdateUserPoolClientOutput{}
	err := s.changeClient(ctx, in.UserPoolId, in.ClientId, func(tx *store.Tx, p *pool.Pool, c *pool.Client) error {
		offers, err := offersOf(tx, p, in.AllowedOAuthScopes, in.SupportedIdentityProviders)
		if err != nil {
			return err
		}
		if err := c.Update(p, offers, in, s.Now()); err != nil {
			return err
		}
		out.UserPoolClient = showClient(c)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}
