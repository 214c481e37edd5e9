package signin

import (
	"context"
	"slices"
	"time"

	"github.com/cenote-id/cenote/internal/caller"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/token"
	"github.com/cenote-id/cenote/internal/user"
)

// track keeps the sign-in as a session, where the pool wants that. When the user has too many, the least recently used ones end.
func (m *Machine) track(ctx context.Context, p *pool.Pool, c *pool.Client, g *Grant) error {
	if !p.TracksSessions() {
		return nil
	}
	now := m.Now()
	u, by := g.held.user, caller.From(ctx).User()
	session := user.Session{
		ID: token.SessionID(g.OriginJTI), UserID: u.ID, ClientID: c.ID, OriginJTI: g.OriginJTI, BrowserID: g.Browser,
		Created: now, LastUsed: now, IP: by.SourceIP, Device: DeviceName(by), Expires: now.Add(c.RefreshTokenLife()),
	}
	return m.Store.Update(ctx, func(tx *store.Tx) error {
		// The code of the sign-in may have been used a second time since.
		if revoked, err := tx.OriginRevoked(p.ID, g.OriginJTI); err != nil || revoked {
			return err
		}
		if g.Browser != "" { // which may have been revoked with all that came through it, but for this code
			if revoked, err := tx.OriginRevoked(p.ID, g.Browser); err != nil {
				return err
			} else if revoked {
				return EndSession(tx, p.ID, session)
			}
		}
		all, err := tx.Sessions(p.ID, u.ID, now)
		if err != nil {
			return err
		}
		all = slices.DeleteFunc(all, func(s user.Session) bool { return !token.SessionAlive(u, s) })
		slices.SortFunc(all, func(a, b user.Session) int { return b.LastUsed.Compare(a.LastUsed) })
		for _, s := range all[min(len(all), p.MaxSessions()-1):] {
			if err := EndSession(tx, p.ID, s); err != nil {
				return err
			}
		}
		return tx.InsertSession(p.ID, session)
	})
}

// longestAccess is how long an access token lives at most, whatever the client's settings were when it was issued.
const longestAccess = 24 * time.Hour

// EndSignIn revokes all tokens that descend from a sign-in of the user, and forgets the session that it began. expires is when the last of its
// refresh tokens does.
func EndSignIn(tx *store.Tx, poolID, userID, originJTI string, expires time.Time) error {
	return EndSession(tx, poolID, user.Session{ID: token.SessionID(originJTI), UserID: userID, OriginJTI: originJTI, Expires: expires})
}

// EndSession revokes all tokens of a session, or signs its browser out, and forgets it.
func EndSession(tx *store.Tx, poolID string, s user.Session) error {
	if s.OfBrowser() {
		return tx.RevokeBrowserSession(poolID, s.UserID, s.ID)
	}
	if err := tx.RevokeOrigin(poolID, s.OriginJTI, s.Expires.Add(longestAccess)); err != nil {
		return err
	}
	_, err := tx.DeleteSession(poolID, s.UserID, s.ID)
	return err
}

// EndLinked ends, of the sessions of a user, those that are linked with the session: the one of the browser that its tokens came through, or all
// whose tokens came through the browser, those of codes that were not exchanged yet included.
func EndLinked(tx *store.Tx, poolID string, s user.Session, all []user.Session) error {
	if s.OfBrowser() {
		if err := tx.RevokeOrigin(poolID, s.ID, s.Expires); err != nil {
			return err
		}
	}
	for _, other := range all {
		if other.ID == s.BrowserID || other.BrowserID == s.ID {
			if err := EndSession(tx, poolID, other); err != nil {
				return err
			}
		}
	}
	return nil
}

// TouchEvery is how exactly the last use of a session is kept: a client that refreshes all the time writes once in this time.
const TouchEvery = time.Minute

// touch notes that a session was used by a refresh, unless that was noted a moment ago. The zero time stands for a sign-in that is not
// kept as a session. browserID is the session of a browser that counts as used as well; empty: none.
func (m *Machine) touch(ctx context.Context, p *pool.Pool, r *token.Refresh, used time.Time, browserID string) error {
	now := m.Now()
	if ago := now.Sub(used); used.IsZero() || ago >= 0 && ago < TouchEvery {
		return nil
	}
	by := caller.From(ctx).User()
	return m.Store.Update(ctx, func(tx *store.Tx) error {
		if browserID != "" {
			if err := tx.TouchBrowserSession(p.ID, r.Subject, browserID, by.SourceIP, DeviceName(by), now, TouchEvery); err != nil {
				return err
			}
		}
		return tx.TouchSession(p.ID, r.Subject, token.SessionID(r.OriginJTI), by.SourceIP, DeviceName(by), now)
	})
}

// UnknownDevice is the name of a device that says nothing about itself.
const UnknownDevice = "unknown"

// DeviceName describes the user's device as a list of sessions shows it.
func DeviceName(by caller.User) string {
	browser, system := by.Device()
	switch {
	case browser == "" && system == "":
		return UnknownDevice
	case browser == "" || system == "":
		return browser + system
	}
	return browser + " / " + system
}
