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
func (m *Machine) track(ctx context.Context, p *pool.Pool, c *pool.Client, u *user.User, s token.SignIn) error {
	if !p.TracksSessions() {
		return nil
	}
	now := m.Now()
	by := caller.From(ctx).User()
	session := user.Session{
		ID: token.SessionID(s.OriginJTI), UserID: u.ID, ClientID: c.ID, OriginJTI: s.OriginJTI,
		Created: now, LastUsed: now, IP: by.SourceIP, Device: deviceName(by), Expires: now.Add(c.RefreshTokenLife()),
	}
	return m.Store.Update(ctx, func(tx *store.Tx) error {
		// The code of the sign-in may have been used a second time since.
		if revoked, err := tx.OriginRevoked(p.ID, s.OriginJTI); err != nil || revoked {
			return err
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

// EndSession revokes all tokens of a session and forgets it.
func EndSession(tx *store.Tx, poolID string, s user.Session) error {
	if err := tx.RevokeOrigin(poolID, s.OriginJTI, s.Expires.Add(longestAccess)); err != nil {
		return err
	}
	_, err := tx.DeleteSession(poolID, s.UserID, s.ID)
	return err
}

// touchEvery is how exactly the last use of a session is kept: a client that refreshes all the time writes once in this time.
const touchEvery = time.Minute

// touch notes that a session was used by a refresh, unless that was noted a moment ago. The zero time stands for a sign-in that is not
// kept as a session.
func (m *Machine) touch(ctx context.Context, p *pool.Pool, r *token.Refresh, used time.Time) error {
	now := m.Now()
	if ago := now.Sub(used); used.IsZero() || ago >= 0 && ago < touchEvery {
		return nil
	}
	by := caller.From(ctx).User()
	return m.Store.Update(ctx, func(tx *store.Tx) error {
		return tx.TouchSession(p.ID, r.Subject, token.SessionID(r.OriginJTI), by.SourceIP, deviceName(by), now)
	})
}

// deviceName describes the user's device as a list of sessions shows it.
func deviceName(by caller.User) string {
	browser, system := by.Device()
	switch {
	case browser == "" && system == "":
		return "unknown"
	case browser == "" || system == "":
		return browser + system
	}
	return browser + " / " + system
}
