package store

import (
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/cenote-id/cenote/internal/pool"
)

// AuthorizationCode is an authorization code as stored: under its hash, with what it is exchanged for.
type AuthorizationCode struct {
	Hash      string
	Grant     []byte // sealed at rest
	OriginJTI string // of the tokens that it gives
	Expires   time.Time
}

// InsertAuthorizationCode stores a new code.
func (tx *Tx) InsertAuthorizationCode(p *pool.Pool, c AuthorizationCode) error {
	sealed := p.Key.Seal(c.Grant, p.ID, "authorization_codes", c.Hash)
	_, err := tx.exec(`insert into authorization_codes (pool_id, hash, grant_data, origin_jti, used, expires) values ($1, $2, $3, $4, $5, $6)`,
		p.ID, c.Hash, sealed, c.OriginJTI, false, micros(c.Expires))
	if err != nil {
		return fmt.Errorf("insert authorization code: %w", err)
	}
	return nil
}

// UseAuthorizationCode marks a code as used and returns it, and whether this was the first use. A code that never existed, or that has
// expired at the time, is nil.
func (tx *Tx) UseAuthorizationCode(p *pool.Pool, hash string, now time.Time) (c *AuthorizationCode, first bool, err error) {
	const columns = `grant_data, origin_jti, expires`
	first = true
	c, err = scanAuthorizationCode(p, hash, tx.queryRow(`update authorization_codes set used = $4
		where pool_id = $1 and hash = $2 and expires > $3 and used = $5 returning `+columns, p.ID, hash, micros(now), true, false))
	if errors.Is(err, sql.ErrNoRows) {
		first = false
		c, err = scanAuthorizationCode(p, hash, tx.queryRow(`select `+columns+` from authorization_codes where pool_id = $1 and hash = $2 and expires > $3`,
			p.ID, hash, micros(now)))
	}
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil, false, nil
	case err != nil:
		return nil, false, fmt.Errorf("use authorization code: %w", err)
	}
	return c, first, nil
}

func scanAuthorizationCode(p *pool.Pool, hash string, r row) (*AuthorizationCode, error) {
	c := &AuthorizationCode{Hash: hash}
	var sealed []byte
	var expires int64
	err := r.Scan(&sealed, &c.OriginJTI, &expires)
	if err != nil {
		return nil, err
	}
	c.Expires = fromMicros(expires)
	c.Grant, err = p.Key.Open(sealed, p.ID, "authorization_codes", hash)
	return c, err
}

// BrowserSession is a browser in which a user has signed in: the hash of its cookie, and what is known of the sign-in.
type BrowserSession struct {
	Hash    string
	UserID  string
	State   []byte // sealed at rest
	Expires time.Time
}

// InsertBrowserSession stores a new session.
func (tx *Tx) InsertBrowserSession(p *pool.Pool, s BrowserSession) error {
	_, err := tx.exec(`insert into browser_sessions (pool_id, hash, user_id, state, expires) values ($1, $2, $3, $4, $5)`,
		p.ID, s.Hash, s.UserID, p.Key.Seal(s.State, p.ID, "browser_sessions", s.Hash), micros(s.Expires))
	if err != nil {
		return fmt.Errorf("insert browser session: %w", err)
	}
	return nil
}

// BrowserSession returns the session with the hash; nil when there is none any more at the time.
func (tx *Tx) BrowserSession(p *pool.Pool, hash string, now time.Time) (*BrowserSession, error) {
	s := &BrowserSession{Hash: hash}
	var sealed []byte
	var expires int64
	err := tx.queryRow(`select user_id, state, expires from browser_sessions where pool_id = $1 and hash = $2 and expires > $3`,
		p.ID, hash, micros(now)).Scan(&s.UserID, &sealed, &expires)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read browser session: %w", err)
	}
	s.Expires = fromMicros(expires)
	if s.State, err = p.Key.Open(sealed, p.ID, "browser_sessions", hash); err != nil {
		return nil, fmt.Errorf("open browser session: %w", err)
	}
	return s, nil
}

// DeleteBrowserSession ends a session; one that is gone already is no error.
func (tx *Tx) DeleteBrowserSession(poolID, hash string) error {
	if _, err := tx.exec(`delete from browser_sessions where pool_id = $1 and hash = $2`, poolID, hash); err != nil {
		return fmt.Errorf("delete browser session: %w", err)
	}
	return nil
}
