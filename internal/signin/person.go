package signin

import (
	"context"
	"slices"

	"github.com/cenote-id/cenote/internal/credential"
	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/user"
)

// person is whoever wants to sign in. Where the client hides who exists, an unknown name is a phantom's: every step does the same work for it
// and ends in the same answers as for a user with another password.
type person struct {
	user     *user.User
	typed    string // the name of a phantom as it was typed, for functions
	verifier credential.Verifier
	subject  string // of the failure counter
	failures user.Counter
	passkeys int          // how many the user has; counted only in pools that sign in by passkey
	device   *user.Device // the confirmed device that was presented; nil: none
	stranger bool         // a device was presented that the user has not confirmed, or has forgotten
	noted    bool         // the sign-in has been noted on the device
	proven   bool         // the device is the browser's, which has shown its secret

	unannounced bool // functions do not hear of the sign-in itself, only of its tokens
}

// someone returns the person that a stored user is.
func someone(p *pool.Pool, u *user.User) *person {
	w := &person{user: u, subject: user.Subject(u.ID)}
	if u.Password != nil {
		w.verifier = u.Password.Verifier
	} else {
		w.verifier = user.PhantomVerifier(p, u.Username)
	}
	return w
}

// nobody returns the person behind a name that no user has.
func nobody(p *pool.Pool, name string) *person {
	w := someone(p, user.Phantom(p, name))
	w.typed, w.subject = name, user.PhantomSubject(w.user.ID)
	return w
}

// shown is what the client learns as the username.
func (w *person) shown() string { return w.user.Username }

// known returns the stored user, nil for a phantom.
func (w *person) known() *user.User {
	if w.user.Phantom {
		return nil
	}
	return w.user
}

// find resolves the name that was typed: a username or an alias.
func (m *Machine) find(ctx context.Context, r Request, name string) (w *person, err error) {
	err = m.Store.Read(ctx, func(tx *store.Tx) error {
		u, failures, err := tx.UserSigningIn(r.Pool, name)
		switch {
		case err == nil:
			w = someone(r.Pool, u)
			w.failures = failures
		case fault.Is(err, fault.UserNotFound) && (r.Client.HidesUsers() || r.mayMigrate):
			w = nobody(r.Pool, name)
			if err := w.countFailures(tx, r.Pool); err != nil {
				return err
			}
		default:
			return err
		}
		return m.learn(tx, r, w, r.Device)
	})
	return w, err
}

// countFailures reads the failures of earlier sign-ins.
func (w *person) countFailures(tx *store.Tx, p *pool.Pool) (err error) {
	w.failures, err = tx.Counter(p.ID, w.subject, user.SignInFailure)
	return err
}

// learn reads what else decides about the person in some pools: the passkeys, and the device of the key that was presented.
func (m *Machine) learn(tx *store.Tx, r Request, w *person, deviceKey string) (err error) {
	p := r.Pool
	if p.AllowsFirstFactor(pool.Passkey) {
		if w.passkeys, err = tx.CountPasskeys(p.ID, w.user.ID, m.party(p).ID); err != nil {
			return err
		}
		if w.user.Phantom {
			w.passkeys = len(user.PhantomPasskeys(p, w.user))
		}
	}
	if r.By == ByPage {
		return w.recognize(tx, p, r.Browser)
	}
	return w.present(tx, p, deviceKey)
}

// reload reads the person of an attempt again, who may have been changed, disabled or deleted between two requests. An attempt that has
// succeeded before is refused.
func (m *Machine) reload(ctx context.Context, r Request, a *Attempt) (w *person, err error) {
	err = m.Store.Read(ctx, func(tx *store.Tx) (err error) {
		if w = a.phantom(r.Pool); w == nil {
			w, err = userOf(tx, r, a)
		} else if err = checkUnused(tx, r.Pool, a); err == nil {
			err = w.countFailures(tx, r.Pool)
		}
		if err != nil {
			return err
		}
		w.unannounced = a.New
		return m.learn(tx, r, w, a.DeviceKey)
	})
	return w, err
}

// userOf reads the user of an attempt, which must not have succeeded before.
func userOf(tx *store.Tx, r Request, a *Attempt) (*person, error) {
	u, failures, spent, err := tx.UserOfAttempt(r.Pool, a.UserID, a.ID)
	switch {
	case fault.Is(err, fault.UserNotFound):
		if err := checkUnused(tx, r.Pool, a); err != nil {
			return nil, err
		}
		if r.Client.HidesUsers() {
			return nil, errWrongPassword
		}
		return nil, err
	case err != nil:
		return nil, err
	case spent:
		return nil, errUsedSession
	}
	w := someone(r.Pool, u)
	w.failures = failures
	return w, nil
}

// resume resolves the user of an attempt for an answer. The answer must name this user, by any name that leads to it: some clients answer
// with the alias that was typed. A device that the answer names replaces the one that was presented before.
func (m *Machine) resume(ctx context.Context, a Answer, attempt *Attempt) (*person, error) {
	if a.Device != "" && attempt.Challenge != DeviceSRPAuth && attempt.Challenge != DevicePasswordVerifier {
		attempt.DeviceKey = a.Device
	}
	w, err := m.reload(ctx, a.Request, attempt)
	if err != nil {
		return nil, err
	}
	if !w.answersTo(a.Pool, a.Responses["USERNAME"]) {
		return nil, errInvalidSession
	}
	if err := m.admit(ctx, a.Request, w, attempt); err != nil {
		return nil, err
	}
	if err := attempt.checkGround(w.user); err != nil {
		return nil, err
	}
	return w, w.checkPresented(a, attempt)
}

func (w *person) answersTo(p *pool.Pool, name string) bool {
	if w.user.Phantom { // an answer in another's name must end as it does for a user, and count as little
		return user.Phantom(p, name).ID == w.user.ID
	}
	return name == w.user.ID || slices.ContainsFunc(w.user.Names(p), func(n user.Name) bool { return n.Value == p.Fold(name) })
}
