package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/wire"
)

// maxGroups is the size of a page of groups when the caller names none, and the largest that can be asked for.
const maxGroups = 60

// ListGroups shows the groups of a user pool, a page at a time.
func (s *Service) ListGroups(ctx context.Context, in *wire.ListGroupsInput) (*wire.ListGroupsOutput, error) {
	p, err := s.Store.Pool(ctx, in.UserPoolId)
	if err != nil {
		return nil, err
	}
	scope := []string{"ListGroups", p.ID}
	groups, next, err := s.groupPage(ctx, scope, in.Limit, in.NextToken, func(tx *store.Tx, after string, limit int) ([]pool.Group, error) {
		return tx.Groups(p.ID, after, limit)
	})
	if err != nil {
		return nil, err
	}
	return &wire.ListGroupsOutput{Groups: showGroups(groups), NextToken: next}, nil
}
