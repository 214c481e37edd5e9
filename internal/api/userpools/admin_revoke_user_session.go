package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/wire"
)

// AdminRevokeUserSession ends a session of a user.
func (s *Service) AdminRevokeUserSession(
	ctx context.Context, in *wire.AdminRevokeUserSessionInput,
) (*wire.AdminRevokeUserSessionOutput, error) {
	p, err := s.Store.Pool(ctx, in.UserPoolId)
	if err != nil {
		return nil, err
	}
	if err := checkTracksSessions(p); err != nil {
		return nil, err
	}
	err = s.revokeSession(ctx, p, in.SessionId, in.RevokeAssociatedSessions, func(tx *store.Tx) (*user.User, error) { return tx.UserByName(p, in.Username) })
	if err != nil {
		return nil, err
	}
	return &wire.AdminRevokeUserSessionOutput{}, nil
}
