package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/wire"
)

// DeleteUserPool deletes a user pool with its users, clients, groups and keys. A pool that is protected against deletion or has a
// domain stays.
func (s *Service) DeleteUserPool(ctx context.Context, in *wire.DeleteUserPoolInput) (*wire.DeleteUserPoolOutput, error) {
	err := s.Store.Update(ctx, func(tx *store.Tx) error {
		p, err := tx.Pool(in.UserPoolId)
		if err != nil {
			return err
		}
		if err := p.CheckDelete(); err != nil {
			return err
		}
		if err := checkNoImport(tx, p); err != nil {
			return err
		}
		return tx.DeletePool(p.ID)
	})
	if err != nil {
		return nil, err
	}
	return &wire.DeleteUserPoolOutput{}, nil
}
