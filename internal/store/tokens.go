package store

import (
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// Consume uses up what may be used once, such as the session of a sign-in, and reports whether this was the first use. It is remembered
// until the given time, when the thing itself has expired.
func (tx *Tx) Consume(poolID, id string, until time.Time) (first bool, err error) {
	n, err := tx.exec(`insert into consumed (pool_id, id, expires) values ($1, $2, $3) on conflict (pool_id, id) do nothing`,
		poolID, id, micros(until))
	if err != nil {
		return false, fmt.Errorf("consume: %w", err)
	}
	return n == 1, nil
}

// Consumed reports whether the thing was used up.
func (tx *Tx) Consumed(poolID, id string) (bool, error) {
	return tx.exists(`select 1 from consumed where pool_id = $1 and id = $2`, poolID, id)
}

// RevokeOrigin revokes all tokens of a sign-in. It is remembered until the given time, when the last of them has expired.
func (tx *Tx) RevokeOrigin(poolID, originJTI string, until time.Time) error {
	_, err := tx.exec(`insert into revoked_origins (pool_id, origin_jti, expires) values ($1, $2, $3)
		on conflict (pool_id, origin_jti) do update set expires = excluded.expires where revoked_origins.expires < excluded.expires`,
		poolID, originJTI, micros(until))
	if err != nil {
		return fmt.Errorf("revoke tokens: %w", err)
	}
	return nil
}

// OriginRevoked reports whether the tokens of a sign-in were revoked.
func (tx *Tx) OriginRevoked(poolID, originJTI string) (bool, error) {
	return tx.exists(`select 1 from revoked_origins where pool_id = $1 and origin_jti = $2`, poolID, originJTI)
}

// exists reports whether the query answers a row.
func (tx *Tx) exists(query string, args ...any) (bool, error) {
	var one int
	err := tx.queryRow(query, args...).Scan(&one)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

// Rotate notes that a refresh token was replaced and returns when that happened first, the zero time when it is now. It is
// remembered until the given time, when the token has expired.
func (tx *Tx) Rotate(poolID, jti string, at, until time.Time) (earlier time.Time, err error) {
	n, err := tx.exec(`insert into rotated (pool_id, jti, at, expires) values ($1, $2, $3, $4) on conflict (pool_id, jti) do nothing`,
		poolID, jti, micros(at), micros(until))
	if err != nil {
		return time.Time{}, fmt.Errorf("rotate refresh token: %w", err)
	}
	if n == 1 {
		return time.Time{}, nil
	}
	var first int64
	if err := tx.queryRow(`select at from rotated where pool_id = $1 and jti = $2`, poolID, jti).Scan(&first); err != nil {
		return time.Time{}, fmt.Errorf("rotate refresh token: %w", err)
	}
	tx.present(rotatedAhead, []*int64{&first}, poolID, jti)
	return fromMicros(first), nil
}
