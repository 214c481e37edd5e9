package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/wire"
)

// DescribeUserPool shows the settings and the schema of a user pool, and how many users it has.
func (s *Service) DescribeUserPool(ctx context.Context, in *wire.DescribeUserPoolInput) (*wire.DescribeUserPoolOutput, error) {
	out := &wire.DescribeUserPoolOutput{}
	err := s.Store.View(ctx, func(tx *store.Tx) error {
		p, err := tx.Pool(in.UserPoolId)
		if err != nil {
			return err
		}
		out.UserPool, err = showPool(tx, p)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}
