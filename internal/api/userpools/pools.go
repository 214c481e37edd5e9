package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
)

// changePool changes a pool and saves it, in one transaction.
func (s *Service) changePool(ctx context.Context, id string, change func(*store.Tx, *pool.Pool) error) error {
	return s.Store.Update(ctx, func(tx *store.Tx) error {
		p, err := tx.Pool(id)
		if err != nil {
			return err
		}
		if err := change(tx, p); err != nil {
			return err
		}
		return tx.SavePool(p)
	})
}
