package store

import (
	"slices"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/user"
)

// searchStep is how many users SearchUsers reads at a time.
const searchStep = 500

// SearchPage asks for a page of what a search finds.
type SearchPage struct {
	After user.Cursor
	Limit int // users on the page
	Read  int // users that are read for it at most
	Sort  int // and at most if it is sorted
}

// SearchUsers lists users that the search finds, and returns the cursor of the page after, nil behind the last. A page may hold fewer users
// than its limit, or none, though others follow: so many were read. A page of a search that sorts needs all, and is refused where they are more
// than it may read.
func (tx *Tx) SearchUsers(p *pool.Pool, s user.Search, page SearchPage) (found []*user.User, next *user.Cursor, err error) {
	if s.Sorted() {
		return tx.sortUsers(p, s, page)
	}
	read := 0
	err = tx.eachUser(p, s.Index(), page.After, func(u *user.User) bool {
		if s.Matches(u) {
			if len(found) == page.Limit {
				last := s.CursorOf(found[page.Limit-1])
				next = &last
				return false
			}
			found = append(found, u)
		}
		if read++; read == page.Read {
			last := s.CursorOf(u)
			next = &last
			return false
		}
		return true
	})
	return found, next, err
}

// sortUsers keeps the first users of the page while it reads all.
func (tx *Tx) sortUsers(p *pool.Pool, s user.Search, page SearchPage) (found []*user.User, next *user.Cursor, err error) {
	read := 0
	err = tx.eachUser(p, s.Index(), user.Cursor{}, func(u *user.User) bool {
		if read++; read > page.Sort {
			return false
		}
		at := s.CursorOf(u)
		if !s.Matches(u) || page.After.ID != "" && s.Compare(at, page.After) <= 0 {
			return true
		}
		i, _ := slices.BinarySearchFunc(found, at, func(f *user.User, at user.Cursor) int { return s.Compare(s.CursorOf(f), at) })
		if i <= page.Limit {
			found = slices.Insert(found, i, u)
			found = found[:min(len(found), page.Limit+1)]
		}
		return true
	})
	if err == nil && read > page.Sort {
		err = fault.Newf(fault.InvalidParameter, "More than %d users would have to be sorted: narrow the filter.", page.Sort)
	}
	if err != nil {
		return nil, nil, err
	}
	if len(found) > page.Limit {
		found = found[:page.Limit]
		last := s.CursorOf(found[page.Limit-1])
		next = &last
	}
	return found, next, nil
}

// eachUser passes on the users that a filter lets through, those after the cursor, until use returns false.
func (tx *Tx) eachUser(p *pool.Pool, f user.Filter, after user.Cursor, use func(*user.User) bool) error {
	for {
		users, err := tx.Users(p, user.Query{Filter: f, After: after, Limit: searchStep})
		if err != nil {
			return err
		}
		for _, u := range users {
			if !use(u) {
				return nil
			}
		}
		if len(users) < searchStep {
			return nil
		}
		after = f.CursorOf(users[len(users)-1])
	}
}
