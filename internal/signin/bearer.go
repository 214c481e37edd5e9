package signin

import (
	"context"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/token"
	"github.com/cenote-id/cenote/internal/user"
)

// Bearer is a signed-in user who shows an access token. The pool and client are shared snapshots: never change them. The user is the
// caller's own copy, read for this request.
type Bearer struct {
	Pool   *pool.Pool
	Client *pool.Client
	User   *user.User
	Token  *token.Access
}

// Bearer finds out who shows the access token: it verifies signature, issuer, expiry and revocation, and that the user may still sign in.
// What the token opens is for the caller to check (token.Access.CheckScope).
func (m *Machine) Bearer(ctx context.Context, accessToken string) (*Bearer, error) {
	unverified, err := m.Tokens.ParseAccess(accessToken)
	if err != nil {
		return nil, err
	}
	p, c, err := m.Store.Client(ctx, unverified.ClientID)
	if fault.Is(err, fault.ResourceNotFound) {
		return nil, token.InvalidAccess()
	}
	if err != nil {
		return nil, err
	}
	access, err := m.Tokens.Verify(unverified, p)
	if err != nil {
		return nil, err
	}
	if access.Subject == c.ID { // a client's own token: no user has it
		return nil, token.WithoutScope()
	}
	by := &Bearer{Pool: p, Client: c, Token: access}
	err = m.Store.Read(ctx, func(tx *store.Tx) (err error) {
		by.User, err = by.Reread(tx.WithoutPasswords())
		return err
	})
	if err != nil {
		return nil, err
	}
	return by, nil
}

// Reread reads the user and refuses revoked tokens and disabled users. Operations that change the user call it again inside their
// transaction: the user may have been changed, signed out or deleted since.
func (by *Bearer) Reread(tx *store.Tx) (*user.User, error) {
	u, revoked, err := tx.UserOfToken(by.Pool, by.Token.Subject, by.Token.OriginJTI)
	if err != nil {
		return nil, err
	}
	return u, by.Token.CheckUser(u, revoked)
}
