package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/token"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/wire"
)

// RevokeUserSession ends another session of the signed-in user: a device that was lost. The session that asks ends by signing out.
func (s *Service) RevokeUserSession(ctx context.Context, in *wire.RevokeUserSessionInput) (*wire.RevokeUserSessionOutput, error) {
	by, err := s.caller(ctx, in.AccessToken)
	if err != nil {
		return nil, err
	}
	if err := checkTracksSessions(by.Pool); err != nil {
		return nil, err
	}
	if by.Token.OriginJTI != "" && in.SessionId == token.SessionID(by.Token.OriginJTI) {
		return nil, fault.New(fault.InvalidParameter, "The current session can not be revoked by this operation.")
	}
	err = s.revokeSession(ctx, by.Pool, in.SessionId, in.RevokeAssociatedSessions, func(tx *store.Tx) (*user.User, error) { return by.Reread(tx) })
	if err != nil {
		return nil, err
	}
	return &wire.RevokeUserSessionOutput{}, nil
}
