package signin

import (
	"context"
	"errors"

	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/user"
)

// advance poses the next challenge to a user who passed the last one, or ends the sign-in with a grant. The attempt says what has been
// passed; if it was answered (it has an id), it is consumed here. write, unless nil, saves what passing the challenge changed,
// in the transaction that consumes the attempt. It may also be the check of the answer itself, and return a refusal.
func (m *Machine) advance(ctx context.Context, r Request, w *person, a *Attempt, write func(*store.Tx) error) (*Outcome, error) {
	if w.stranger { // as presented with a sign-in that takes one request; see person.checkPresented for the others
		return nil, user.DeviceNotFound()
	}
	groups, err := m.pass(ctx, r, w, a, write)
	if err != nil {
		return nil, err
	}
	a.ID = "" // consumed
	f := facts(r.Pool, w, a)
	if Next(f) == DeviceSRPAuth && w.proven {
		a.passed(DevicePasswordVerifier)
		f = facts(r.Pool, w, a)
	}
	if Next(f) != DeviceSRPAuth { // a device that has to prove itself is judged with its proof
		if err := m.assess(ctx, r, w, a); err != nil {
			return nil, err
		}
		f = demand(f, r, w, a)
	}
	next := Next(f)
	if a.Custom != nil { // a ladder of the operator's: functions say what follows when the rules ask for nothing more
		if next == Done || next == DeviceSRPAuth {
			return m.define(ctx, r, w, a)
		}
		if a.Custom, err = m.pack(ctx, r, a, a.Custom); err != nil {
			return nil, err
		}
	}
	switch next {
	case Done:
		return m.end(ctx, r, w, a, groups)
	case Refused:
		return nil, errInvalidSession
	default:
		m.record(ctx, r, w, a, user.EventInProgress)
		return m.pose(ctx, r, w, a, next)
	}
}

// pass records that a challenge was passed: the attempt is consumed, and the failures are forgotten. It reads the failures again,
// because a lockout by tries made at the same time holds for this one as well; and it reads the groups for the tokens. A plain
// sign-in without earlier failures writes nothing.
func (m *Machine) pass(ctx context.Context, r Request, w *person, a *Attempt, write func(*store.Tx) error) ([]pool.Group, error) {
	p := r.Pool
	var groups []pool.Group
	read := func(tx *store.Tx) (err error) {
		var failures user.Counter
		if failures, groups, err = tx.FailuresAndGroups(p.ID, w.subject, w.user.ID); err != nil {
			return err
		}
		if a.First == ByProvider { // passwords that others have tried lock nobody out there
			return nil
		}
		w.failures = failures
		return w.checkLock(m.Now())
	}
	if a.ID == "" && w.failures.Count == 0 && write == nil {
		err := m.Store.Read(ctx, read)
		return groups, err
	}
	save := m.settle
	if w.failures.Count == 0 && write == nil {
		save = m.Store.Unsynced // that the attempt was used, and no more: open refuses attempts of which that may have been lost
	}
	err := save(ctx, func(tx *store.Tx) error {
		if err := read(tx); err != nil {
			return err
		}
		if write != nil {
			if err := checkUnused(tx, p, a); err != nil {
				return err
			}
			if err := write(tx); err != nil {
				return err
			}
		}
		if a.ID != "" {
			if err := m.consume(tx, r, a.ID); err != nil {
				return err
			}
		}
		if w.failures.Count == 0 {
			return nil
		}
		return tx.DeleteCounter(p.ID, w.subject, user.SignInFailure)
	})
	return groups, err
}

// refusal is the answer to a wrong code: what its check has counted is kept all the same, and the attempt stays usable.
type refusal struct{ error }

// settle runs write in a transaction. When write returns a refusal, what it wrote before stays, and the refusal is the answer.
func (m *Machine) settle(ctx context.Context, write func(*store.Tx) error) error {
	var refused error
	err := m.Store.Update(ctx, func(tx *store.Tx) error {
		refused = nil // of an earlier run
		err := write(tx)
		var no refusal
		if errors.As(err, &no) {
			refused = no.error
			return nil
		}
		return err
	})
	if err != nil {
		return err
	}
	return refused
}

// checkUnused refuses an attempt that has succeeded before.
func checkUnused(tx *store.Tx, p *pool.Pool, a *Attempt) error {
	if a.ID == "" {
		return nil
	}
	switch spent, err := tx.Consumed(p.ID, a.ID); {
	case err != nil:
		return err
	case spent:
		return errUsedSession
	}
	return nil
}

// spend consumes an attempt whose answer proved nothing, such as a choice. It does so once.
func (m *Machine) spend(ctx context.Context, r Request, a *Attempt) error {
	if a.ID == "" {
		return nil
	}
	err := m.Store.Unsynced(ctx, func(tx *store.Tx) error { return m.consume(tx, r, a.ID) })
	if err == nil {
		a.ID = ""
	}
	return err
}

// consume ends an attempt. Of two requests that answer the same attempt, on whatever nodes, one succeeds.
func (m *Machine) consume(tx *store.Tx, r Request, attemptID string) error {
	first, err := tx.Consume(r.Pool.ID, attemptID, m.Now().Add(r.Client.AttemptLife()))
	if err != nil {
		return err
	}
	if !first {
		return errUsedSession
	}
	return nil
}

// ask answers the challenge that the attempt now waits for.
func (m *Machine) ask(r Request, a *Attempt, params map[string]string) (*Outcome, error) {
	session, err := m.seal(r.Pool, r.Client, a)
	if err != nil {
		return nil, err
	}
	return &Outcome{Challenge: a.Challenge, Parameters: params, Session: session}, nil
}
