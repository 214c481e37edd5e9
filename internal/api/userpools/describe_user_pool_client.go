package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/wire"
)

// DescribeUserPoolClient shows the settings of an app client, and its secret if it has one.
func (s *Service) DescribeUserPoolClient(
	ctx context.Context, in *wire.DescribeUserPoolClientInput,
) (*wire.DescribeUserPoolClientOutput, error) {
	out := &wire.DescribeUserPoolClientOutput{}
	err := s.Store.View(ctx, func(tx *store.Tx) error {
		p, err := tx.Pool(in.UserPoolId)
		if err != nil {
			return err
		}
		c, err := tx.Client(p, in.ClientId)
		if err != nil {
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
