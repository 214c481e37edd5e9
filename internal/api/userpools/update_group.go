package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/wire"
)

// UpdateGroup changes the description, role or precedence of a group. What is left out stays as it is.
func (s *Service) UpdateGroup(ctx context.Context, in *wire.UpdateGroupInput) (*wire.UpdateGroupOutput, error) {
	p, err := s.Store.Pool(ctx, in.UserPoolId)
	if err != nil {
		return nil, err
	}
	var g pool.Group
	err = s.Store.Update(ctx, func(tx *store.Tx) (err error) {
		if g, err = tx.Group(p.ID, in.GroupName); err != nil {
			return err
		}
		g.Update(in, s.Now())
		return tx.SaveGroup(g)
	})
	if err != nil {
		return nil, err
	}
	shown := showGroup(g)
	return &wire.UpdateGroupOutput{Group: &shown}, nil
}
