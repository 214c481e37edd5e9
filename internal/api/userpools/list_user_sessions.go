package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/token"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/wire"
)

// ListUserSessions shows the sessions of the signed-in user, all on one page, as the service does: there are two hundred at most.
func (s *Service) ListUserSessions(ctx context.Context, in *wire.ListUserSessionsInput) (*wire.ListUserSessionsOutput, error) {
	by, err := s.caller(ctx, in.AccessToken)
	if err != nil {
		return nil, err
	}
	sessions, err := s.sessions(ctx, by.Pool, in.NextToken, func(tx *store.Tx) (*user.User, error) { return by.Reread(tx) })
	if err != nil {
		return nil, err
	}
	current := ""
	if by.Token.OriginJTI != "" {
		current = token.SessionID(by.Token.OriginJTI)
	}
	return &wire.ListUserSessionsOutput{Sessions: showSessions(sessions, current)}, nil
}
