package store

import (
	"fmt"
	"time"

	"github.com/cenote-id/cenote/internal/user"
)

const sessionColumns = `user_id, session_id, client_id, origin_jti, created, last_used, ip, device, expires, browser_id`

// InsertSession stores a session that begins.
func (tx *Tx) InsertSession(poolID string, s user.Session) error {
	_, err := tx.exec(`insert into sessions (pool_id, `+sessionColumns+`) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
		poolID, s.UserID, s.ID, s.ClientID, s.OriginJTI, micros(s.Created), micros(s.LastUsed), s.IP, s.Device, micros(s.Expires), s.BrowserID)
	if err != nil {
		return fmt.Errorf("insert session: %w", err)
	}
	return nil
}

// TouchSession notes that a session was used; one that is gone stays gone.
func (tx *Tx) TouchSession(poolID, userID, id, ip, device string, at time.Time) error {
	_, err := tx.exec(`update sessions set last_used = $4, ip = $5, device = $6 where pool_id = $1 and user_id = $2 and session_id = $3`,
		poolID, userID, id, micros(at), ip, device)
	if err != nil {
		return fmt.Errorf("touch session: %w", err)
	}
	return nil
}

// Sessions lists the sessions of a user that have not expired at the time, in no order. It also has those whose tokens were all revoked
// by a sign-out everywhere: the tokens tell (token.SignedOut).
func (tx *Tx) Sessions(poolID, userID string, now time.Time) ([]user.Session, error) {
	return collect(tx.query(`select `+sessionColumns+` from sessions where pool_id = $1 and user_id = $2 and expires > $3`,
		poolID, userID, micros(now)), func(r scanner) (s user.Session, err error) {
		var created, used, expires int64
		err = r.Scan(&s.UserID, &s.ID, &s.ClientID, &s.OriginJTI, &created, &used, &s.IP, &s.Device, &expires, &s.BrowserID)
		tx.present(sessionsAhead, []*int64{&created, &used}, poolID, s.UserID, s.ID)
		s.Created, s.LastUsed, s.Expires = fromMicros(created), fromMicros(used), fromMicros(expires)
		return s, err
	})
}

// SessionUsed returns when a session was last used, and the session of the browser that it came through; nothing when there is no such session.
func (tx *Tx) SessionUsed(poolID, userID, id string) (used time.Time, browserID string, err error) {
	found, err := collect(tx.query(`select last_used, browser_id from sessions where pool_id = $1 and user_id = $2 and session_id = $3`,
		poolID, userID, id), func(r scanner) (n int64, err error) { return n, r.Scan(&n, &browserID) })
	if err != nil || len(found) == 0 {
		return time.Time{}, "", err
	}
	tx.present(sessionsAhead, []*int64{&found[0]}, poolID, userID, id)
	return fromMicros(found[0]), browserID, nil
}

// DeleteSession removes a session and reports whether there was one.
func (tx *Tx) DeleteSession(poolID, userID, id string) (bool, error) {
	n, err := tx.exec(`delete from sessions where pool_id = $1 and user_id = $2 and session_id = $3`, poolID, userID, id)
	if err != nil {
		return false, fmt.Errorf("delete session: %w", err)
	}
	return n == 1, nil
}
