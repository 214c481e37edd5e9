package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/wire"
)

// AdminListUserSessions shows the sessions of a user, all on one page.
func (s *Service) AdminListUserSessions(
	ctx context.Context, in *wire.AdminListUserSessionsInput,
) (*wire.AdminListUserSessionsOutput, error) {
	p, err := s.Store.Pool(ctx, in.UserPoolId)
	if err != nil {
		return nil, err
	}
	sessions, err := s.sessions(ctx, p, in.NextToken, func(tx *store.Tx) (*user.User, error) { return tx.UserByName(p, in.Username) })
	if err != nil {
		return nil, err
	}
	return &wire.AdminListUserSessionsOutput{Sessions: showSessions(sessions, "")}, nil
}
