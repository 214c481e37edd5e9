package signin

import (
	"context"
	"slices"
	"time"

	"github.com/cenote-id/cenote/internal/audit"
	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/user"
)

// The order in which a sign-in is let in is a security rule, and this file is the only place that has it: the address that the request
// comes from, a disabled user, a lockout, the PreAuthentication function, and the user's status. The proof comes after all of them.

// enter finds the person behind the name of a request that begins a sign-in, and lets the person in.
func (m *Machine) enter(ctx context.Context, r Request, name string) (*person, error) {
	w, err := m.meet(ctx, r, name)
	if err != nil {
		return nil, err
	}
	return w, m.checkStatus(ctx, r, w)
}

// meet is enter but for the status, which the first step of SRP does not tell (observed).
func (m *Machine) meet(ctx context.Context, r Request, name string) (*person, error) {
	w, err := m.find(ctx, r, name)
	if err != nil {
		return nil, err
	}
	if err := m.checkOpen(ctx, r, w, ""); err != nil {
		return nil, err
	}
	return w, m.preAuthentication(ctx, r, w)
}

// admit lets a person in again who answers a challenge. The function has been asked when the sign-in began. Passwords that others try lock
// nobody out whom an identity provider has authenticated, and who needs no password.
func (m *Machine) admit(ctx context.Context, r Request, w *person, a *Attempt) error {
	if a.First == ByProvider {
		w.failures = user.Counter{}
	}
	if err := m.checkOpen(ctx, r, w, a.First); err != nil {
		return err
	}
	if a.First == ByProvider && !w.user.HasAccount(a.Provider) {
		return errInvalidSession // it was unlinked meanwhile
	}
	if a.First == ByProvider && w.user.Status != user.Unconfirmed {
		return nil
	}
	if a.First == "" && w.user.Passwordless() && slices.Contains([]Challenge{SelectChallenge, EmailOTP, SMSOTP}, a.Challenge) {
		return nil // their checks know what such a user may choose
	}
	return m.checkStatus(ctx, r, w)
}

// checkOpen refuses addresses that the operator has blocked, disabled users, and anybody during a lockout. Users of identity providers may come
// from any address (documented).
func (m *Machine) checkOpen(ctx context.Context, r Request, w *person, first FirstFactor) error {
	if first != ByProvider {
		if err := m.Risk.Admit(ctx, audit.Case{Pool: r.Pool, Client: r.Client, User: w.known()}); err != nil {
			return err
		}
	}
	if !w.user.Enabled {
		return user.IsDisabled()
	}
	return w.checkLock(m.Now())
}

// checkLock refuses everybody, right or wrong, during a lockout after failed passwords. Such tries are not counted.
func (w *person) checkLock(now time.Time) error {
	if !w.failures.LockedUntil(now).IsZero() {
		return errLocked
	}
	return nil
}

// checkStatus refuses users who cannot sign in before they confirm or reset. It comes before the password is compared, as on the
// service (observed: an unconfirmed user with a wrong password is told to confirm).
func (m *Machine) checkStatus(ctx context.Context, r Request, w *person) error {
	// Who was imported and never had a password has a wrong one for a client that hides who exists (documented). The pages ask for a new one.
	if w.user.Status == user.ResetRequired && w.user.Password == nil && r.Client.HidesUsers() && r.By != ByPage {
		return m.fail(ctx, r.Pool, w)
	}
	return checkStatus(w.user)
}

func checkStatus(u *user.User) error {
	switch u.Status {
	case user.Unconfirmed:
		return errUnconfirmed
	case user.ResetRequired:
		return fault.New(fault.PasswordResetRequired, "Password reset required for the user")
	case user.ExternalProvider:
		return errWrongPassword
	case user.Confirmed, user.ForceChangePassword:
	}
	return nil
}

var (
	// errWrongPassword is the one answer for a wrong password and, where the client hides it, for an unknown user.
	errWrongPassword = fault.New(fault.NotAuthorized, "Incorrect username or password.")
	errLocked        = fault.New(fault.NotAuthorized, "Password attempts exceeded") // observed
	errUnconfirmed   = fault.New(fault.UserNotConfirmed, "User is not confirmed.")
)

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
	m.Risk.Failed(ctx, audit.Case{Pool: p, User: w.known()})
	return answer
}
