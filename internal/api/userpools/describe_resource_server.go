package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/wire"
)

// DescribeResourceServer shows a resource server and its scopes.
func (s *Service) DescribeResourceServer(
	ctx context.Context, in *wire.DescribeResourceServerInput,
) (*wire.DescribeResourceServerOutput, error) {
	out := &wire.DescribeResourceServerOutput{}
	err := s.Store.View(ctx, func(tx *store.Tx) error {
		p, err := tx.Pool(in.UserPoolId)
		if err != nil {
			return err
		}
		r, err := tx.ResourceServer(p, in.Identifier)
		out.ResourceServer = &r.Settings
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}
