package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
)

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

// addToClient stores something new of a client, in one transaction.
func (s *Service) addToClient(ctx context.Context, poolID, clientID string, add func(*store.Tx, *pool.Pool) error) error {
	return s.Store.Update(ctx, func(tx *store.Tx) error {
		p, err := tx.Pool(poolID)
		if err != nil {
			return err
		}
		if _, err := tx.Client(p, clientID); err != nil {
			return err
		}
		return add(tx, p)
	})
}

// clientOf returns the client and its pool for an operation that names both. A client of another pool does not exist.
func (s *Service) clientOf(ctx context.Context, poolID, clientID string) (*pool.Pool, *pool.Client, error) {
	if _, err := s.Store.Pool(ctx, poolID); err != nil {
		return nil, nil, err
	}
	p, c, err := s.Store.Client(ctx, clientID)
	if err != nil {
		return nil, nil, err
	}
	if p.ID != poolID {
		return nil, nil, pool.ClientNotFound(clientID)
	}
	return p, c, nil
}

// checkPlainSecret checks a client secret that is sent as it is. The code of the refusal differs between operations.
func checkPlainSecret(c *pool.Client, secret string, code fault.Code) error {
	switch {
	case len(c.Secrets) == 0 && secret == "":
		return nil
	case len(c.Secrets) == 0:
		return fault.Newf(code, "Client %s is not configured with a secret", c.ID)
	case secret == "":
		return fault.Newf(code, "Client %s is configured with secret but the secret was not received", c.ID)
	case !c.HasSecret(secret):
		return fault.Newf(code, "Client secret does not match for the client: %s", c.ID)
	}
	return nil
}
