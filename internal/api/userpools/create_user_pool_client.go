package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/wire"
)

// CreateUserPoolClient makes an app client of a user pool: public, or with a secret that is generated or given.
func (s *Service) CreateUserPoolClient(ctx context.Context, in *wire.CreateUserPoolClientInput) (*wire.CreateUserPoolClientOutput, error) {
	out := &wire.CreateUserPoolClientOutput{}
	err := s.Store.Update(ctx, func(tx *store.Tx) error {
		p, err := tx.Pool(in.UserPoolId)
		if err != nil {
			return err
		}
		offers, err := offersOf(tx, p, in.AllowedOAuthScopes, in.SupportedIdentityProviders)
		if err != nil {
			return err
		}
		c, err := pool.NewClient(p, offers, in, s.Now())
		if err != nil {
			return err
		}
		out.UserPoolClient = showClient(c)
		return tx.InsertClient(p, c)
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}
