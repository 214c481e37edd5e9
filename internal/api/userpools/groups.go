package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
)

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
