package signin

import (
	"context"
	"time"

	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/token"
	"github.com/cenote-id/cenote/internal/user"
)

// advance poses the next challenge to a user who passed the last one, or ends the sign-in with tokens. attemptID is the attempt
// that was answered; it is consumed here. A sign-in of one request has none.
func (m *Machine) advance(ctx context.Context, p *pool.Pool, c *pool.Client, w *person, attemptID string) (*Outcome, error) {
	groups, err := m.pass(ctx, p, c, w, attemptID)
	if err != nil {
		return nil, err
	}
	switch next := Next(Facts{Status: w.user.Status}); next {
	case NewPasswordRequired:
		return m.poseNewPassword(p, c, w)
	default:
		return m.finish(p, c, w.user, groups)
	}
}

// pass records that a password was right: the attempt is consumed and the failures are forgotten. It reads the failures again,
// because a lockout by tries made at the same time holds for this one as well; and it reads the groups for the tokens. A plain
// sign-in without earlier failures writes nothing.
func (m *Machine) pass(ctx context.Context, p *pool.Pool, c *pool.Client, w *person, attemptID string) ([]pool.Group, error) {
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
	if attemptID == "" && w.failures.Count == 0 {
		return groups, m.Store.View(ctx, read)
	}
	err := m.Store.Update(ctx, func(tx *store.Tx) error {
		if err := read(tx); err != nil {
			return err
		}
		if attemptID != "" {
			if err := m.consume(tx, p, c, attemptID); err != nil {
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
func (m *Machine) consume(tx *store.Tx, p *pool.Pool, c *pool.Client, attemptID string) error {
	first, err := tx.Consume(p.ID, attemptID, m.Now().Add(c.AttemptLife()))
	if err != nil {
		return err
	}
	if !first {
		return errUsedSession
	}
	return nil
}

// finish issues the tokens of a complete sign-in.
func (m *Machine) finish(p *pool.Pool, c *pool.Client, u *user.User, groups []pool.Group) (*Outcome, error) {
	g := token.Grant{
		Pool: p, Client: c, User: u, Groups: groups, SignIn: token.NewSignIn(u, m.Now()), Scopes: []string{token.UserScope},
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
