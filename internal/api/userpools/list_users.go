package userpools

import (
	"context"
	"slices"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/wire"
)

// errLacksAttribute is the answer when an attribute that was asked for is not in the schema, or a listed user has no value for it. The
// service refuses the whole call then (documented; observed in aws/aws-sdk-js#2570, #3091 and #3245, whose programs match the text).
var errLacksAttribute = fault.New(fault.InvalidParameter, "One or more requested attributes do not exist.")

// ListUsers shows the users of a pool, or those that match a filter, a page at a time. AttributesToGet limits the attributes that
// are shown; each user on the page must have all of them.
func (s *Service) ListUsers(ctx context.Context, in *wire.ListUsersInput) (*wire.ListUsersOutput, error) {
	p, err := s.Store.Pool(ctx, in.UserPoolId)
	if err != nil {
		return nil, err
	}
	find, err := s.finder(p, in.Filter)
	if err != nil {
		return nil, err
	}
	for _, name := range in.AttributesToGet {
		if p.Attribute(name) == nil {
			return nil, errLacksAttribute
		}
	}
	scope := []string{"ListUsers", p.ID, in.Filter}
	cursor, err := s.readPageToken(in.PaginationToken, scope, 2)
	if err != nil {
		return nil, err
	}
	page, err := find(ctx, user.Cursor{Value: cursor[0], ID: cursor[1]}, pageSize(in.Limit, maxUsers))
	if err != nil {
		return nil, err
	}
	out := &wire.ListUsersOutput{Users: make([]wire.UserType, 0, len(page.users))}
	if page.next != nil {
		if out.PaginationToken, err = s.pageToken(scope, page.next.Value, page.next.ID); err != nil {
			return nil, err
		}
	}
	for _, u := range page.users {
		for _, name := range in.AttributesToGet {
			if u.Attributes[name] == "" {
				return nil, errLacksAttribute
			}
		}
		out.Users = append(out.Users, showUser(u, asked(in.AttributesToGet)))
	}
	return out, nil
}

// asked returns which attributes to show; nil shows all.
func asked(names []string) func(string) bool {
	if names == nil {
		return nil
	}
	return func(name string) bool { return slices.Contains(names, name) }
}
