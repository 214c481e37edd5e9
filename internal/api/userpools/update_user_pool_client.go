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

// offersOf finds out which of the scopes and identity providers the pool has.
func offersOf(tx *store.Tx, p *pool.Pool, scopes, providers []string) (offers pool.Offers, err error) {
	if offers.Scopes, err = tx.ExistingScopes(p, scopes); err != nil {
		return offers, err
	}
	offers.Providers, err = tx.ExistingProviders(p.ID, providers)
	return offers, err
}

// changeClient changes a client and saves it, in one transaction.
func (s *Service) changeClient(ctx context.Context, poolID, clientID string, change func(*store.Tx, *pool.Pool, *pool.Client) error) error {
	return s.Store.Update(ctx, func(tx *store.Tx) error {
		p, err := tx.Pool(poolID)
		if err != nil {
			return err
		}
		c, err := tx.Client(p, clientID)
		if err != nil {
			return err
		}
		if err := change(tx, p, c); err != nil {
			return err
		}
		return tx.SaveClient(p, c)
	})
}
