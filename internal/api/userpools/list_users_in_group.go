package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/wire"
)

// ListUsersInGroup shows the members of a group, a page at a time.
func (s *Service) ListUsersInGroup(ctx context.Context, in *wire.ListUsersInGroupInput) (*wire.ListUsersInGroupOutput, error) {
	p, err := s.Store.Pool(ctx, in.UserPoolId)
	if err != nil {
		return nil, err
	}
	scope := []string{"ListUsersInGroup", p.ID, in.GroupName}
	cursor, err := s.readPageToken(in.NextToken, scope, 1)
	if err != nil {
		return nil, err
	}
	limit := pageSize(in.Limit, maxUsers)
	var users []*user.User
	err = s.Store.View(ctx, func(tx *store.Tx) error {
		g, err := tx.Group(p.ID, in.GroupName)
		if err != nil {
			return err
		}
		users, err = tx.WithoutPasswords().Members(p, g.Name, cursor[0], limit+1)
		return err
	})
	if err != nil {
		return nil, err
	}
	out := &wire.ListUsersInGroupOutput{Users: []wire.UserType{}}
	if len(users) > limit {
		users = users[:limit]
		if out.NextToken, err = s.pageToken(scope, users[limit-1].ID); err != nil {
			return nil, err
		}
	}
	for _, u := range users {
		out.Users = append(out.Users, showUser(u, nil))
	}
	return out, nil
}
