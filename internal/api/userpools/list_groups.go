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

// groupPage reads one page of groups, which list returns by name, and the token of the next one.
func (s *Service) groupPage(
	ctx context.Context, scope []string, limit *int64, token string,
	list func(tx *store.Tx, after string, limit int) ([]pool.Group, error),
) (groups []pool.Group, next string, err error) {
	cursor, err := s.readPageToken(token, scope, 1)
	if err != nil {
		return nil, "", err
	}
	size := pageSize(limit, maxGroups)
	err = s.Store.View(ctx, func(tx *store.Tx) (err error) {
		groups, err = list(tx, cursor[0], size+1)
		return err
	})
	if err != nil || len(groups) <= size {
		return groups, "", err
	}
	groups = groups[:size]
	next, err = s.pageToken(scope, groups[size-1].Name)
	return groups, next, err
}
