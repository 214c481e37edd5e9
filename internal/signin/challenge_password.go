package signin

import (
	"context"
	"time"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/trigger"
	"github.com/cenote-id/cenote/internal/user"
)

// startPassword is the sign-in with a plain password: one request, then the ladder.
func (m *Machine) startPassword(ctx context.Context, s Start) (*Outcome, error) {
	name, err := username(s.Params)
	if err != nil {
		return nil, err
	}
	if _, err := required(s.Params, "PASSWORD"); err != nil {
		return nil, err
	}
	if err := s.checkSecret(name, s.Params); err != nil {
		return nil, err
	}
	s.mayMigrate = m.Triggers.Has(s.Pool, trigger.UserMigration)
	w, err := m.enter(ctx, s.Request, name)
	if err != nil {
		return nil, err
	}
	return m.checkPassword(ctx, s.Request, w, begin(s.Pool, w), s.Params)
}

// checkPassword compares a password. A user whom the pool does not know may come from another directory with it.
func (m *Machine) checkPassword(ctx context.Context, r Request, w *person, a *Attempt, with map[string]string) (*Outcome, error) {
	password, err := required(with, "PASSWORD")
	if err != nil {
		return nil, err
	}
	if w.user.Phantom && m.Triggers.Has(r.Pool, trigger.UserMigration) {
		if w, err = m.migrateWith(ctx, r, w, a, password); err != nil {
			return nil, err
		}
	}
	if !w.knows(r.Pool, password) {
		return nil, m.fail(ctx, r.Pool, w)
	}
	if w.user.HasHash() {
		if err := m.replaceHash(ctx, r.Pool, w, a, password); err != nil {
			return nil, err
		}
	}
	if err := w.checkTemporary(m.Now()); err != nil {
		return nil, err
	}
	if err := m.checkCompromised(ctx, r, w, a, password); err != nil {
		return nil, err
	}
	a.First = ByPassword
	return m.advance(ctx, r, w, a, nil)
}

// knows reports whether the password is the person's.
func (w *person) knows(p *pool.Pool, password string) bool {
	if w.user.HasHash() {
		return w.user.PasswordMatches(p, password)
	}
	return w.verifier.Matches(p.NamePart(), w.shown(), password) && !w.user.Phantom
}

// replaceHash replaces the hash that the user was imported with by a verifier, now that the password is known.
func (m *Machine) replaceHash(ctx context.Context, p *pool.Pool, w *person, a *Attempt, password string) error {
	kept := user.NewPassword(p, w.user.Username, password)
	var changed *user.User
	err := m.Store.Update(ctx, func(tx *store.Tx) (err error) {
		if changed, err = tx.UserByID(p, w.user.ID); err != nil {
			return err
		}
		if !changed.SamePassword(w.user) { // set anew meanwhile, or replaced by a sign-in at the same time
			return nil
		}
		changed.Password = kept
		return tx.SaveUser(p, changed)
	})
	if err != nil {
		return err
	}
	if changed.Password == nil {
		return errWrongPassword
	}
	w.user, w.verifier = changed, changed.Password.Verifier
	if !w.knows(p, password) {
		return errWrongPassword
	}
	a.Ground = ground(w.user)
	return nil
}

// checkTemporary refuses a temporary password that has expired. It comes after the comparison, so that it tells nothing to
// somebody who does not know the password.
func (w *person) checkTemporary(now time.Time) error {
	if w.user.PasswordExpired(now) {
		return errTemporaryExpired
	}
	return nil
}

// errTemporaryExpired is the answer for a temporary password whose time is over (observed many times).
var errTemporaryExpired = fault.New(fault.NotAuthorized, "Temporary password has expired and must be reset by an administrator.")
