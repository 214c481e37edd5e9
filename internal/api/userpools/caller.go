package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/token"
	"github.com/cenote-id/cenote/internal/user"
)

// session is a signed-in user who calls an operation with an access token. The pool and client are shared snapshots: never change
// them. The user is the caller's own copy, read for this request.
type session struct {
	Pool   *pool.Pool
	Client *pool.Client
	User   *user.User
	Token  *token.Access
}

// caller finds out who calls with the access token: it verifies signature, issuer, expiry, revocation and that the token opens
// the operations of the signed-in user.
func (s *Service) caller(ctx context.Context, accessToken string) (*session, error) {
	unverified, err := token.ParseAccess(accessToken)
	if err != nil {
		return nil, err
	}
	p, c, err := s.Store.Client(ctx, unverified.ClientID)
	if fault.Is(err, fault.ResourceNotFound) {
		return nil, token.InvalidAccess()
	}
	if err != nil {
		return nil, err
	}
	access, err := s.Tokens.Verify(unverified, p)
	if err != nil {
		return nil, err
	}
	out := &session{Pool: p, Client: c, Token: access}
	err = s.Store.View(ctx, func(tx *store.Tx) (err error) {
		out.User, err = callerUser(tx, out)
		return err
	})
	if err != nil {
		return nil, err
	}
	if err := access.CheckScope(token.UserScope); err != nil {
		return nil, err
	}
	return out, nil
}

// callerUser reads the user of the session and refuses revoked tokens and disabled users. Operations that change the user call it
// again inside their transaction: the user may have been changed, signed out or deleted since.
func callerUser(tx *store.Tx, by *session) (*user.User, error) {
	u, err := tx.UserByID(by.Pool, by.Token.Subject)
	if err != nil {
		return nil, err
	}
	revoked := false
	if by.Token.OriginJTI != "" {
		if revoked, err = tx.OriginRevoked(by.Pool.ID, by.Token.OriginJTI); err != nil {
			return nil, err
		}
	}
	return u, by.Token.CheckUser(u, revoked)
}
