package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
)

// changeTagged changes the pool that an ARN names and saves it, in one transaction.
func (s *Service) changeTagged(ctx context.Context, arn string, change func(*pool.Pool) error) error {
	return s.Store.Update(ctx, func(tx *store.Tx) error {
		p, err := poolByARN(tx, arn)
		if err != nil {
			return err
		}
		if err := change(p); err != nil {
			return err
		}
		return tx.SavePool(p)
	})
}

// poolByARN returns the pool that an ARN names. The ARN of another region or account names no pool of this server.
func poolByARN(tx *store.Tx, arn string) (*pool.Pool, error) {
	id, ok := pool.ParseARN(arn)
	if !ok {
		return nil, fault.Newf(fault.InvalidParameter, "Invalid ARN: %s", arn)
	}
	p, err := tx.Pool(id)
	if err != nil {
		return nil, err
	}
	if p.Settings.Arn != arn {
		return nil, pool.NotFound(id)
	}
	return p, nil
}
