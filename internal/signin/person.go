package signin

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/cenote-id/cenote/internal/credential"
	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/user"
)

// person is whoever wants to sign in: a user, or nobody when the client hides who exists. For nobody, every step does the same
// work and ends in the same answers as for a user with another password.
type person struct {
	user      *user.User // nil: nobody
	id        string     // of the user; made up for nobody
	shownName string     // what the client learns as the username
	verifier  credential.Verifier
	subject   string // of the failure counter
	failures  user.Counter
}

// errWrongPassword is the one answer for a wrong password and, where the client hides it, for an unknown user.
var errWrongPassword = fault.New(fault.NotAuthorized, "Incorrect username or password.")

// find resolves the name that was typed: a username or an alias.
func (m *Machine) find(ctx context.Context, p *pool.Pool, c *pool.Client, name string) (*person, error) {
	w := &person{}
	err := m.Store.View(ctx, func(tx *store.Tx) error {
		u, err := tx.UserBySignInName(p, name)
		switch {
		case err == nil:
			*w = *someone(u, p)
		case fault.Is(err, fault.UserNotFound) && c.HidesUsers():
			*w = *nobody(p, name)
		default:
			return err
		}
		w.failures, err = tx.Counter(p.ID, w.subject, user.SignInFailure)
		return err
	})
	if err != nil {
		return nil, err
	}
	return w, nil
}

// resume resolves the user of an attempt again, who may have been changed, disabled or deleted between two requests. The answer must
// name this user, by any name that leads to it: some clients answer with the alias that was typed.
func (m *Machine) resume(ctx context.Context, a Answer, attempt *Attempt) (*person, error) {
	w, err := m.reload(ctx, a.Pool, a.Client, attempt)
	if err != nil {
		return nil, err
	}
	if !w.answersTo(a.Pool, a.Responses["USERNAME"]) {
		return nil, errInvalidSession
	}
	return w, w.checkEnabled(m.Now())
}

func (w *person) answersTo(p *pool.Pool, name string) bool {
	if w.user == nil { // an answer in another's name must end as it does for a user, and count as little
		return name == w.id || phantomID(p, name) == w.id
	}
	return name == w.user.ID || slices.ContainsFunc(w.user.Names(p), func(n user.Name) bool { return n.Value == p.Fold(name) })
}

func (m *Machine) reload(ctx context.Context, p *pool.Pool, c *pool.Client, a *Attempt) (*person, error) {
	if a.Someone == 0 {
		w := phantom(p, a.UserID)
		err := m.Store.View(ctx, func(tx *store.Tx) (err error) {
			w.failures, err = tx.Counter(p.ID, w.subject, user.SignInFailure)
			return err
		})
		return w, err
	}
	w := &person{}
	err := m.Store.View(ctx, func(tx *store.Tx) error {
		spent, err := tx.Consumed(p.ID, a.ID)
		if err != nil {
			return err
		}
		if spent {
			return errUsedSession
		}
		u, err := tx.UserByID(p, a.UserID)
		if fault.Is(err, fault.UserNotFound) && c.HidesUsers() {
			return errWrongPassword
		}
		if err != nil {
			return err
		}
		*w = *someone(u, p)
		w.failures, err = tx.Counter(p.ID, w.subject, user.SignInFailure)
		return err
	})
	return w, err
}

func someone(u *user.User, p *pool.Pool) *person {
	w := &person{user: u, id: u.ID, shownName: u.Username, subject: user.Subject(u.ID)}
	if u.Password != nil {
		w.verifier = u.Password.Verifier
	} else {
		w.verifier = phantomVerifier(p, u.Username)
	}
	return w
}

// nobody stands for a user who does not exist. The id, the salt and the shown name are the same each time the name is tried.
func nobody(p *pool.Pool, name string) *person {
	w := phantom(p, phantomID(p, name))
	if !p.HasUsernameAttributes() && !looksLikeAlias(p, name) {
		w.shownName = name // as a username would be
	}
	return w
}

// phantom is the person of a made-up id: everything about nobody follows from it, so that an attempt need not carry the name.
func phantom(p *pool.Pool, id string) *person {
	return &person{id: id, shownName: id, verifier: phantomVerifier(p, id), subject: user.NameSubject(id)}
}

// phantomID makes up the id of nobody, in the form that ids of users have.
func phantomID(p *pool.Pool, name string) string {
	return credential.PhantomID(p.Key.Derive("phantom"), p.ID, p.Fold(name))
}

func phantomVerifier(p *pool.Pool, name string) credential.Verifier {
	return credential.PhantomVerifier(p.Key.Derive("phantom"), p.ID, name)
}

// looksLikeAlias reports whether the name is an e-mail address or a phone number that stands for a user of another name. A real user
// behind it would show that other name, so nobody shows the made-up one.
func looksLikeAlias(p *pool.Pool, name string) bool {
	return p.IsAlias("email") && strings.Contains(name, "@") || p.IsAlias("phone_number") && strings.HasPrefix(name, "+")
}

// checkEnabled refuses disabled users and anybody during a lockout.
func (w *person) checkEnabled(now time.Time) error {
	if w.user != nil && !w.user.Enabled {
		return user.IsDisabled()
	}
	return w.checkLock(now)
}

// checkLock refuses everybody, right or wrong, during a lockout after failed passwords. Such tries are not counted.
func (w *person) checkLock(now time.Time) error {
	if !w.failures.LockedUntil(now).IsZero() {
		return errLocked
	}
	return nil
}

// errLocked is the answer during a lockout (observed).
var errLocked = fault.New(fault.NotAuthorized, "Password attempts exceeded")

// checkStatus refuses users who cannot sign in before they confirm or reset. It comes before the password is compared, as on the
// service (observed: an unconfirmed user with a wrong password is told to confirm).
func (w *person) checkStatus() error {
	if w.user == nil {
		return nil
	}
	switch w.user.Status {
	case user.Unconfirmed:
		return fault.New(fault.UserNotConfirmed, "User is not confirmed.")
	case user.ResetRequired:
		return fault.New(fault.PasswordResetRequired, "Password reset required for the user")
	case user.ExternalProvider:
		return errWrongPassword
	}
	return nil
}

// fail counts a failed password and returns the answer for it. Who fails while others, who began at the same time, have failed often
// enough to lock is told of the lock: passwords that are tried at once are judged no more often than passwords tried in turn.
func (m *Machine) fail(ctx context.Context, p *pool.Pool, w *person) error {
	var answer error
	err := m.Store.Update(ctx, func(tx *store.Tx) error {
		now := m.Now()
		n, err := tx.Counter(p.ID, w.subject, user.SignInFailure)
		if err != nil {
			return err
		}
		if !n.LockedUntil(now).IsZero() {
			answer = errLocked
			return nil
		}
		answer = errWrongPassword
		return tx.SaveCounter(p.ID, w.subject, user.SignInFailure, n.AddFailure(now))
	})
	if err != nil {
		return err
	}
	return answer
}

// checkTemporary refuses a temporary password that has expired. It comes after the comparison, so that it tells nothing to
// somebody who does not know the password.
func (w *person) checkTemporary(now time.Time) error {
	if w.user.PasswordExpired(now) {
		return errTemporaryExpired
	}
	return nil
}
