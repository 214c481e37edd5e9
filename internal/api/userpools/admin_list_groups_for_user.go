package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/wire"
)

// AdminListGroupsForUser shows the groups of a user, a page at a time.
func (s *Service) AdminListGroupsForUser(
	ctx context.Context, in *wire.AdminListGroupsForUserInput,
) (*wire.AdminListGroupsForUserOutput, error) {
	p, err := s.Store.Pool(ctx, in.UserPoolId)
	if err != nil {
		return nil, err
	}
	scope := []string{"AdminListGroupsForUser", p.ID, in.Username}
	groups, next, err := s.groupPage(ctx, scope, in.Limit, in.NextToken, func(tx *store.Tx, after string, limit int) ([]pool.Group, error) {
		u, err := tx.UserByName(p, in.Username)
		if err != nil {
			return nil, err
		}
		return tx.UserGroups(p.ID, u.ID, after, limit)
	})
	if err != nil {
		return nil, err
	}
	return &wire.AdminListGroupsForUserOutput{Groups: showGroups(groups), NextToken: next}, nil
}
