package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/user"
)

// found is a page of users, and the place at which the next one begins; nil behind the last.
type found struct {
	users []*user.User
	next  *user.Cursor
}

// finder finds a page of the users that a filter lets through.
type finder func(ctx context.Context, after user.Cursor, limit int) (found, error)

// What an extended search may read for a page: some tens of milliseconds, and a second where it sorts.
const (
	searchRead = 5_000
	sortRead   = 100_000
)

// finder returns that of a filter of ListUsers. What the service's own grammar refuses may be an extended filter, if the operator allows those.
func (s *Service) finder(p *pool.Pool, text string) (finder, error) {
	filter, err := user.ParseFilter(text)
	if err == nil {
		return func(ctx context.Context, after user.Cursor, limit int) (found, error) {
			return s.filterUsers(ctx, p, filter, after, limit)
		}, nil
	}
	if !s.ExtendedFilters {
		return nil, err
	}
	search, err := user.ParseSearch(text, func(name string) bool { return p.Attribute(name) != nil })
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, after user.Cursor, limit int) (f found, err error) {
		err = s.Store.View(ctx, func(tx *store.Tx) (err error) {
			f.users, f.next, err = tx.WithoutPasswords().SearchUsers(p, search, store.SearchPage{After: after, Limit: limit, Read: searchRead, Sort: sortRead})
			return err
		})
		return f, err
	}, nil
}

func (s *Service) filterUsers(ctx context.Context, p *pool.Pool, filter user.Filter, after user.Cursor, limit int) (f found, err error) {
	err = s.Store.Read(ctx, func(tx *store.Tx) (err error) {
		f.users, err = tx.WithoutPasswords().Users(p, user.Query{Filter: filter, After: after, Limit: limit + 1})
		return err
	})
	if len(f.users) > limit {
		f.users = f.users[:limit]
		last := filter.CursorOf(f.users[limit-1])
		f.next = &last
	}
	return f, err
}
