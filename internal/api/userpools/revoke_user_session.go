package userpools

import (
	"context"
	"slices"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/signin"
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
	err = s.revokeSession(ctx, by.Pool, in.SessionId, func(tx *store.Tx) (*user.User, error) { return by.Reread(tx) })
	if err != nil {
		return nil, err
	}
	return &wire.RevokeUserSessionOutput{}, nil
}

// revokeSession ends a session of a user. The sessions that RevokeAssociatedSessions speaks of are those of the browser, which no token
// session comes from yet: there is nothing linked that could end with it.
func (s *Service) revokeSession(ctx context.Context, p *pool.Pool, id string, whose func(*store.Tx) (*user.User, error)) error {
	return s.Store.Update(ctx, func(tx *store.Tx) error {
		u, err := whose(tx)
		if err != nil {
			return err
		}
		all, err := tx.Sessions(p.ID, u.ID, s.Now())
		if err != nil {
			return err
		}
		i := slices.IndexFunc(all, func(s user.Session) bool { return s.ID == id && token.SessionAlive(u, s) })
		if i < 0 {
			return fault.New(fault.ResourceNotFound, "The session does not exist.")
		}
		return signin.EndSession(tx, p.ID, all[i])
	})
}
