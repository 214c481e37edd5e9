package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/wire"
)

// GetGroup shows a group.
func (s *Service) GetGroup(ctx context.Context, in *wire.GetGroupInput) (*wire.GetGroupOutput, error) {
	p, err := s.Store.Pool(ctx, in.UserPoolId)
	if err != nil {
		return nil, err
	}
	var g pool.Group
	err = s.Store.View(ctx, func(tx *store.Tx) (err error) {
		g, err = tx.Group(p.ID, in.GroupName)
		return err
	})
	if err != nil {
		return nil, err
	}
	shown := showGroup(g)
	return &wire.GetGroupOutput{Group: &shown}, nil
}
