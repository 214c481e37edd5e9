package authorize

import (
	"context"
	"time"

	"github.com/cenote-id/cenote/internal/caller"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/signin"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/wire"
)

// BrowserSessions lists the browsers in which a user is signed in since the pool tracks sessions, in no order.
func BrowserSessions(tx *store.Tx, p *pool.Pool, u *user.User, now time.Time) (all []user.Session, err error) {
	stored, err := tx.BrowserSessions(p, u.ID, now)
	if err != nil {
		return nil, err
	}
	for _, s := range stored {
		var state browserState
		if err := wire.Unmarshal(s.State, &state); err != nil {
			return nil, err
		}
		if state.holds(u) {
			all = append(all, user.Session{
				ID: s.ID, UserID: s.UserID, ClientID: state.Grant.ClientID, Created: s.Created, LastUsed: s.LastUsed, IP: s.IP, Device: s.Device,
				Expires: s.Expires,
			})
		}
	}
	return all, nil
}

// sameBrowser returns the id and the beginning of the session that a user had in a browser whose cookie has the hash, and that goes on by another
// sign-in; an empty id where there is none, or it has ended by a sign-out everywhere.
func sameBrowser(tx *store.Tx, p *pool.Pool, u *user.User, hash string, now time.Time) (id string, since time.Time, err error) {
	before, err := tx.BrowserSession(p, hash, now)
	if err != nil || before == nil || before.UserID != u.ID {
		return "", time.Time{}, err
	}
	var state browserState
	if err := wire.Unmarshal(before.State, &state); err != nil || state.SignOuts != u.SignOuts {
		return "", time.Time{}, err
	}
	return before.ID, before.Created, nil
}

// touch notes that a grant came through the session of a browser.
func touch(ctx context.Context, tx *store.Tx, p *pool.Pool, g *signin.Grant, now time.Time) error {
	if g.Browser == "" {
		return nil
	}
	by := caller.From(ctx).User()
	return tx.TouchBrowserSession(p.ID, g.UserID, g.Browser, by.SourceIP, signin.DeviceName(by), now, signin.TouchEvery)
}
