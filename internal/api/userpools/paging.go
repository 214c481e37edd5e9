package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/api"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
)

func (s *Service) paging() api.Paging { return api.Paging{Master: s.Master, Now: s.Now} }

// pageToken returns a token for the page that begins after the cursor.
func (s *Service) pageToken(scope []string, cursor ...string) (string, error) {
	return s.paging().Token(scope, cursor...)
}

// readPageToken returns the n members of the cursor that a token holds; for the empty token, n empty ones.
func (s *Service) readPageToken(token string, scope []string, n int) ([]string, error) {
	return s.paging().Read(token, scope, n)
}

// maxUsers is the size of a page of users when the caller names none, and the largest that can be asked for.
const maxUsers = 60

// pageSize returns how many items a page has: the limit that was asked for, or most when it is absent or 0.
func pageSize(limit *int64, most int) int {
	if limit == nil || *limit == 0 {
		return most
	}
	return int(*limit)
}

// poolPage returns a page of what a user pool has, such as its app clients, and the token of the page after it, "" for the last.
// Rows reads at most a number of them that come after a key, and key is that of one. Errors: those of Tx.Pool, errPage and of rows.
func poolPage[T any](
	ctx context.Context, s *Service, poolID, token string, scope []string, size int,
	rows func(tx *store.Tx, p *pool.Pool, after string, limit int) ([]T, error), key func(T) string,
) (page []T, next string, err error) {
	err = s.Store.View(ctx, func(tx *store.Tx) error {
		p, err := tx.Pool(poolID)
		if err != nil {
			return err
		}
		cursor, err := s.readPageToken(token, scope, 1)
		if err != nil {
			return err
		}
		page, err = rows(tx, p, cursor[0], size+1)
		return err
	})
	if err != nil || len(page) <= size {
		return page, "", err
	}
	page = page[:size]
	next, err = s.pageToken(scope, key(page[size-1]))
	return page, next, err
}

// errPage is the answer for a paging token that is not ours, too old, or from a list with other parameters.
var errPage = api.ErrPage
