package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/wire"
)

// CreateGroup makes a group in a user pool. Its members' tokens name it, and its role if it has one.
func (s *Service) CreateGroup(ctx context.Context, in *wire.CreateGroupInput) (*wire.CreateGroupOutput, error) {
	g := pool.NewGroup(in, s.Now())
	err := s.Store.Update(ctx, func(tx *store.Tx) error {
		if _, err := tx.Pool(g.PoolID); err != nil {
			return err
		}
		return tx.InsertGroup(g)
	})
	if err != nil {
		return nil, err
	}
	shown := showGroup(g)
	return &wire.CreateGroupOutput{Group: &shown}, nil
}
