package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/user"
)

// errNoCombination is the answer of sign-up and recovery for an unknown user, where the client does not hide who exists.
var errNoCombination = fault.New(fault.UserNotFound, "Username/client id combination not found.")

// findUser returns the user who signs in with the name, or nil, and the subject under which attempts are counted.
func (s *Service) findUser(ctx context.Context, p *pool.Pool, name string) (u *user.User, subject string, err error) {
	err = s.Store.View(ctx, func(tx *store.Tx) (err error) {
		u, err = tx.UserBySignInName(p, name)
		return err
	})
	if fault.Is(err, fault.UserNotFound) {
		return nil, user.NameSubject(p.Fold(name)), nil
	}
	if err != nil {
		return nil, "", err
	}
	return u, user.Subject(u.ID), nil
}
