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
