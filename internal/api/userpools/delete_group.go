package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/wire"
)

// DeleteGroup deletes a group. Its members stay users of the pool.
func (s *Service) DeleteGroup(ctx context.Context, in *wire.DeleteGroupInput) (*wire.DeleteGroupOutput, error) {
	p, err := s.Store.Pool(ctx, in.UserPoolId)
	if err != nil {
		return nil, err
	}
	if err := s.Store.Update(ctx, func(tx *store.Tx) error { return tx.DeleteGroup(p.ID, in.GroupName) }); err != nil {
		return nil, err
	}
	return &wire.DeleteGroupOutput{}, nil
}
