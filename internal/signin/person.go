package signin

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/cenote-id/cenote/internal/audit"
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
	shownName string     // what the client learns as the username
	verifier  credential.Verifier
	subject   string // of the failure counter
	failures  user.Counter
	contacts  []string     // of nobody: the contacts that seem to be there
	passkeys  int          // how many the user has; counted only in pools that sign in by passkey
	device    *user.Device // the remembered or confirmed device that was presented; nil: none
	stranger  bool         // a device was presented that the user has not confirmed, or has forgotten
	noted     bool         // the sign-in has been noted on the device

	unannounced bool // functions do not hear of the sign-in itself, only of its tokens
}

// errWrongPassword is the one answer for a wrong password and, where the client hides it, for an unknown user.
var errWrongPassword = fault.New(fault.NotAuthorized, "Incorrect username or password.")

// find resolves the name that was typed: a username or an alias.
func (m *Machine) find(ctx context.Context, r Request, name string) (*person, error) {
	p, c := r.Pool, r.Client
	w := &person{}
	err := m.Store.View(ctx, func(tx *store.Tx) error {
		u, err := tx.UserBySignInName(p, name)
		switch {
		case err == nil:
			*w = *someone(u, p)
		case fault.Is(err, fault.UserNotFound) && (c.HidesUsers() || r.mayMigrate):
			*w = *nobody(p, name)
		default:
			return err
		}
		return m.learn(tx, p, w, r.Device)
	})
	if err != nil {
		return nil, err
	}
	return w, m.admit(ctx, r, w)
}

// learn reads what else decides about the person: the failures, the passkeys, and the device of the key that was presented.
func (m *Machine) learn(tx *store.Tx, p *pool.Pool, w *person, deviceKey string) (err error) {
	if w.failures, err = tx.Counter(p.ID, w.subject, user.SignInFailure); err != nil {
		return err
	}
	if w.user != nil && p.AllowsFirstFactor(pool.Passkey) {
		if w.passkeys, err = tx.CountPasskeys(p.ID, w.user.ID, m.party(p).ID); err != nil {
			return err
		}
	}
	return w.present(tx, p, deviceKey)
}

// resume resolves the user of an attempt again, who may have been changed, disabled or deleted between two requests. The answer must
// name this user, by any name that leads to it: some clients answer with the alias that was typed.
//
// A device that the answer names takes the place of the one that was presented before.
func (m *Machine) resume(ctx context.Context, a Answer, attempt *Attempt) (*person, error) {
	if a.Device != "" {
		attempt.DeviceKey = a.Device
	}
	w, err := m.reload(ctx, a.Pool, a.Client, attempt)
	if err != nil {
		return nil, err
	}
	if !w.answersTo(a.Pool, a.Responses["USERNAME"]) {
		return nil, errInvalidSession
	}
	if err := m.admit(ctx, a.Request, w); err != nil {
		return nil, err
	}
	if err := w.checkEnabled(m.Now()); err != nil {
		return nil, err
	}
	if err := w.checkStatus(); err != nil {
		return nil, err
	}
	return w, w.checkPresented(a, attempt)
}

func (w *person) answersTo(p *pool.Pool, name string) bool {
	if w.user == nil { // an answer in another's name must end as it does for a user, and count as little
		return name == w.shownName || user.NameSubject(p.Fold(name)) == w.subject
	}
	return name == w.user.ID || slices.ContainsFunc(w.user.Names(p), func(n user.Name) bool { return n.Value == p.Fold(name) })
}

func (m *Machine) reload(ctx context.Context, p *pool.Pool, c *pool.Client, a *Attempt) (*person, error) {
	if a.UserID == "" {
		w := nobody(p, a.Typed)
		return w, m.Store.View(ctx, func(tx *store.Tx) error { return m.learn(tx, p, w, a.DeviceKey) })
	}
	w := &person{}
	err := m.Store.View(ctx, func(tx *store.Tx) error {
		if err := checkUnused(tx, p, a); err != nil {
			return err
		}
		u, err := tx.UserByID(p, a.UserID)
		if fault.Is(err, fault.UserNotFound) && c.HidesUsers() {
			return errWrongPassword
		}
		if err != nil {
			return err
		}
		*w = *someone(u, p)
		return m.learn(tx, p, w, a.DeviceKey)
	})
	return w, err
}

func someone(u *user.User, p *pool.Pool) *person {
	w := &person{user: u, shownName: u.Username, subject: user.Subject(u.ID)}
	if u.Password != nil {
		w.verifier = u.Password.Verifier
	} else {
		w.verifier = phantomVerifier(p, u.Username)
	}
	return w
}

// nobody stands for a user who does not exist. The salt and the shown name are the same each time the name is tried.
func nobody(p *pool.Pool, name string) *person {
	folded := p.Fold(name)
	return &person{
		shownName: phantomName(p, name),
		contacts:  phantomContacts(p, name),
		verifier:  phantomVerifier(p, folded),
		subject:   user.NameSubject(folded),
	}
}

func phantomVerifier(p *pool.Pool, name string) credential.Verifier {
	return credential.PhantomVerifier(p.Key.Derive("phantom"), p.ID, name)
}

// phantomName returns the username that a real user behind the typed name would show: the name itself where it can be a username,
// else (an e-mail address or phone number that stands for one) a made-up one in the form of a UUID.
func phantomName(p *pool.Pool, name string) string {
	alias := (p.IsAlias(pool.Email) && strings.Contains(name, "@")) || (p.IsAlias(pool.Phone) && strings.HasPrefix(name, "+"))
	if p.HasUsernameAttributes() || alias {
		return credential.PhantomID(p.Key.Derive("phantom"), p.ID, p.Fold(name))
	}
	return name
}

// phantomContacts returns the contacts that a user with the name would probably have: the one that the name looks like, else an e-mail
// address; some have a phone number too. It is the same each time, and only who has the key can tell what it is for nobody.
func phantomContacts(p *pool.Pool, name string) []string {
	if user.IsPhone(name) {
		return []string{pool.Phone}
	}
	if made := credential.PhantomID(p.Key.Derive("phantom contacts"), p.ID, p.Fold(name)); made[0] < '4' {
		return []string{pool.Email, pool.Phone}
	}
	return []string{pool.Email}
}

func (w *person) userID() string {
	if w.user == nil {
		return ""
	}
	return w.user.ID
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

var errUnconfirmed = fault.New(fault.UserNotConfirmed, "User is not confirmed.")

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
		return errUnconfirmed
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
	m.Risk.Failed(ctx, audit.Case{Pool: p, User: w.user})
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
