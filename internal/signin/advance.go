package signin

import (
	"context"
	"time"

	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/token"
	"github.com/cenote-id/cenote/internal/user"
)

// advance poses the next challenge to a user who passed the last one, or ends the sign-in with tokens. The attempt says what has been
// passed; if it was answered (it has an id), it is consumed here. write, unless nil, saves what passing the challenge changed,
// in the transaction that consumes the attempt.
func (m *Machine) advance(ctx context.Context, r Request, w *person, a *Attempt, write func(*store.Tx) error) (*Outcome, error) {
	groups, err := m.pass(ctx, r, w, a, write)
	if err != nil {
		return nil, err
	}
	switch next := Next(m.facts(r, w, a)); next {
	case Done:
		return m.finish(ctx, r, w, a, groups)
	case NewPasswordRequired:
		return m.poseNewPassword(r, w, a)
	case SelectMFAType:
		return m.poseSelectMFA(r, w, a)
	case MFASetup:
		return m.poseSetup(r, w, a)
	case SoftwareTokenMFA:
		return m.poseTOTP(r, w, a)
	case DeviceSRPAuth:
		return m.poseDevice(r, w, a)
	default:
		return m.poseCode(ctx, r, w, a, next)
	}
}

// facts collects what Next decides by.
func (m *Machine) facts(r Request, w *person, a *Attempt) Facts {
	f := Facts{
		First:         a.First,
		Passed:        a.Passed,
		MustChange:    w.user.Status == user.ForceChangePassword,
		DeviceTrusted: w.device != nil && w.device.ReplacesMFA(r.Pool),
		MFA:           r.Pool.MFA(),
		Preferred:     Challenge(w.user.PreferredFactor(r.Pool)),
	}
	for _, factor := range w.user.ActiveFactors(r.Pool) {
		f.Active = append(f.Active, Challenge(factor))
	}
	return f
}

// pass records that a challenge was passed: the attempt is consumed, and the failures are forgotten. It reads the failures again,
// because a lockout by tries made at the same time holds for this one as well; and it reads the groups for the tokens. A plain
// sign-in without earlier failures writes nothing.
func (m *Machine) pass(ctx context.Context, r Request, w *person, a *Attempt, write func(*store.Tx) error) ([]pool.Group, error) {
	p := r.Pool
	var groups []pool.Group
	read := func(tx *store.Tx) (err error) {
		if w.failures, err = tx.Counter(p.ID, w.subject, user.SignInFailure); err != nil {
			return err
		}
		if err := w.checkLock(m.Now()); err != nil {
			return err
		}
		groups, err = tx.UserGroups(p.ID, w.user.ID, "", 0)
		return err
	}
	if a.ID == "" && w.failures.Count == 0 && write == nil {
		return groups, m.Store.View(ctx, read)
	}
	err := m.Store.Update(ctx, func(tx *store.Tx) error {
		if err := read(tx); err != nil {
			return err
		}
		if a.ID != "" {
			if err := m.consume(tx, r, a.ID); err != nil {
				return err
			}
		}
		if write != nil {
			if err := write(tx); err != nil {
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

// finish issues the tokens of a complete sign-in.
func (m *Machine) finish(_ context.Context, r Request, w *person, a *Attempt, groups []pool.Group) (*Outcome, error) {
	g := token.Grant{
		Pool: r.Pool, Client: r.Client, User: w.user, Groups: groups,
		SignIn: token.NewSignIn(w.user, m.Now()), Scopes: []string{token.UserScope},
	}
	tokens, err := m.Tokens.Issue(g)
	if err != nil {
		return nil, err
	}
	if tokens.Refresh, err = m.Tokens.IssueRefresh(g, time.Time{}); err != nil {
		return nil, err
	}
	return &Outcome{Tokens: &tokens}, nil
}

// ask answers the challenge that the attempt now waits for.
func (m *Machine) ask(r Request, a *Attempt, params map[string]string) (*Outcome, error) {
	session, err := m.seal(r.Pool, r.Client, a)
	if err != nil {
		return nil, err
	}
	return &Outcome{Challenge: a.Challenge, Parameters: params, Session: session}, nil
}
