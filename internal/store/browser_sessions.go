package store

import (
	"fmt"
	"time"

	"github.com/cenote-id/cenote/internal/pool"
)

// BrowserSession is a browser in which a user has signed in: the hash of its cookie, and what is known of the sign-in.
type BrowserSession struct {
	Hash    string
	UserID  string
	State   []byte // sealed at rest
	Expires time.Time

	ID string // 28 lower-case letters and digits, beginning with sso; empty, like the rest, where the pool did not track sessions

	Created, LastUsed time.Time
	IP, Device        string // of LastUsed
}

const browserSessionColumns = `hash, user_id, state, expires, session_id, created, last_used, ip, device`

// InsertBrowserSession stores a new session.
func (tx *Tx) InsertBrowserSession(p *pool.Pool, s BrowserSession) error {
	_, err := tx.exec(`insert into browser_sessions (pool_id, `+browserSessionColumns+`) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		p.ID, s.Hash, s.UserID, p.Key.Seal(s.State, p.ID, "browser_sessions", s.Hash), micros(s.Expires),
		s.ID, micros(s.Created), micros(s.LastUsed), s.IP, s.Device)
	if err != nil {
		return fmt.Errorf("insert browser session: %w", err)
	}
	return nil
}

// BrowserSession returns the session with the hash; nil when there is none any more at the time.
func (tx *Tx) BrowserSession(p *pool.Pool, hash string, now time.Time) (*BrowserSession, error) {
	found, err := tx.browserSessions(p, `hash = $2 and expires > $3`, hash, micros(now))
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return &found[0], nil
}

// BrowserSessions lists the sessions of a user's browsers that have an id and have not expired at the time, in no order. Whether the browser is
// still signed in is told by the state.
func (tx *Tx) BrowserSessions(p *pool.Pool, userID string, now time.Time) ([]BrowserSession, error) {
	return tx.browserSessions(p, `user_id = $2 and session_id <> '' and expires > $3`, userID, micros(now))
}

func (tx *Tx) browserSessions(p *pool.Pool, where string, args ...any) ([]BrowserSession, error) {
	all, err := collect(tx.query(`select `+browserSessionColumns+` from browser_sessions where pool_id = $1 and `+where, append([]any{p.ID}, args...)...),
		func(r scanner) (s BrowserSession, err error) {
			var sealed []byte
			var expires, created, used int64
			if err := r.Scan(&s.Hash, &s.UserID, &sealed, &expires, &s.ID, &created, &used, &s.IP, &s.Device); err != nil {
				return s, err
			}
			tx.present(browserSessionsAhead, []*int64{&created, &used}, p.ID, s.Hash)
			s.Expires, s.Created, s.LastUsed = fromMicros(expires), fromMicros(created), fromMicros(used)
			s.State, err = p.Key.Open(sealed, p.ID, "browser_sessions", s.Hash)
			return s, err
		})
	if err != nil {
		return nil, fmt.Errorf("read browser sessions: %w", err)
	}
	return all, nil
}

// TouchBrowserSession notes that a session was used, unless that was noted in the given time before; one that is gone stays gone.
func (tx *Tx) TouchBrowserSession(poolID, userID, id, ip, device string, at time.Time, every time.Duration) error {
	_, err := tx.exec(`update browser_sessions set last_used = $4, ip = $5, device = $6
		where pool_id = $1 and user_id = $2 and session_id = $3 and last_used <= $7`, poolID, userID, id, micros(at), ip, device, micros(at.Add(-every)))
	if err != nil {
		return fmt.Errorf("touch browser session: %w", err)
	}
	return nil
}

// TrimBrowserSessions removes the least recently used ones of a user's sessions that have an id, if there are more than so many.
func (tx *Tx) TrimBrowserSessions(poolID, userID string, most int) error {
	_, err := tx.exec(`delete from browser_sessions where pool_id = $1 and hash in (select hash from browser_sessions
		where pool_id = $1 and user_id = $2 and session_id <> '' order by last_used desc, hash limit 1000 offset $3)`, poolID, userID, most)
	if err != nil {
		return fmt.Errorf("trim browser sessions: %w", err)
	}
	return nil
}

// DeleteBrowserSession ends the session with the hash; one that is gone already is no error.
func (tx *Tx) DeleteBrowserSession(poolID, hash string) error {
	if _, err := tx.exec(`delete from browser_sessions where pool_id = $1 and hash = $2`, poolID, hash); err != nil {
		return fmt.Errorf("delete browser session: %w", err)
	}
	return nil
}

// RevokeBrowserSession ends the session of the user with the id; one that is gone already is no error.
func (tx *Tx) RevokeBrowserSession(poolID, userID, id string) error {
	_, err := tx.exec(`delete from browser_sessions where pool_id = $1 and user_id = $2 and session_id = $3`, poolID, userID, id)
	if err != nil {
		return fmt.Errorf("revoke browser session: %w", err)
	}
	return nil
}
