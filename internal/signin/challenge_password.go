package signin

import (
	"context"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/trigger"
)

// startPassword is the sign-in with a plain password: one request, then the ladder.
func (m *Machine) startPassword(ctx context.Context, s Start) (*Outcome, error) {
	name, err := username(s.Params)
	if err != nil {
		return nil, err
	}
	password, err := required(s.Params, "PASSWORD")
	if err != nil {
		return nil, err
	}
	if err := s.checkSecret(name, s.Params); err != nil {
		return nil, err
	}
	s.mayMigrate = m.Triggers.Has(s.Pool, trigger.UserMigration)
	w, err := m.find(ctx, s.Request, name)
	if err != nil {
		return nil, err
	}
	if err := w.checkEnabled(m.Now()); err != nil {
		return nil, err
	}
	if err := m.preAuthentication(ctx, s.Request, w, name); err != nil {
		return nil, err
	}
	if err := w.checkStatus(); err != nil {
		return nil, err
	}
	return m.checkPassword(ctx, s.Request, w, begin(w, name), password)
}

// answerPassword is the password as a factor that was chosen.
func (m *Machine) answerPassword(ctx context.Context, a Answer, attempt *Attempt) (*Outcome, error) {
	password, err := required(a.Responses, "PASSWORD")
	if err != nil {
		return nil, err
	}
	w, err := m.resume(ctx, a, attempt)
	if err != nil {
		return nil, err
	}
	return m.checkPassword(ctx, a.Request, w, attempt, password)
}

// checkPassword compares the password of an attempt. A user whom the pool does not know may come from another directory with it.
func (m *Machine) checkPassword(ctx context.Context, r Request, w *person, a *Attempt, password string) (*Outcome, error) {
	if w.user == nil && m.Triggers.Has(r.Pool, trigger.UserMigration) {
		var err error
		if w, err = m.migrateWith(ctx, r, w, a, password); err != nil {
			return nil, err
		}
	}
	if !w.verifier.Matches(r.Pool.NamePart(), w.shownName, password) || w.user == nil {
		return nil, m.fail(ctx, r.Pool, w)
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

// errTemporaryExpired is the answer for a temporary password whose time is over (observed many times).
var errTemporaryExpired = fault.New(fault.NotAuthorized, "Temporary password has expired and must be reset by an administrator.")
