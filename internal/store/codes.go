package store

import (
	"database/sql"
	"errors"
	"fmt"

	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/user"
)

// Code loads a user's outstanding code for the purpose, an expired one too; nil when there is none.
func (tx *Tx) Code(p *pool.Pool, userID string, purpose user.Purpose) (*user.Code, error) {
	c := &user.Code{Purpose: purpose}
	var expires int64
	err := tx.queryRow(`select attribute, value, hash, expires from codes where pool_id = $1 and user_id = $2 and purpose = $3`,
		p.ID, userID, string(purpose)).Scan(&c.Attribute, &c.Value, &c.Hash, &expires)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	tx.notAfter(tx.store.now().Add(purpose.Life()), codesAhead, []*int64{&expires}, p.ID, userID, string(purpose))
	c.Expires = fromMicros(expires)
	return c, nil
}

// SaveCode stores a code in place of the user's earlier one for the same purpose.
func (tx *Tx) SaveCode(p *pool.Pool, userID string, c *user.Code) error {
	_, err := tx.exec(`insert into codes (pool_id, user_id, purpose, attribute, value, hash, expires) values ($1, $2, $3, $4, $5, $6, $7)
		on conflict (pool_id, user_id, purpose)
		do update set attribute = excluded.attribute, value = excluded.value, hash = excluded.hash, expires = excluded.expires`,
		p.ID, userID, string(c.Purpose), c.Attribute, c.Value, c.Hash, micros(c.Expires))
	if err != nil {
		return fmt.Errorf("save code: %w", err)
	}
	return nil
}

// DeleteCode removes a user's code for the purpose, if there is one.
func (tx *Tx) DeleteCode(p *pool.Pool, userID string, purpose user.Purpose) error {
	_, err := tx.exec(`delete from codes where pool_id = $1 and user_id = $2 and purpose = $3`, p.ID, userID, string(purpose))
	if err != nil {
		return fmt.Errorf("delete code: %w", err)
	}
	return nil
}
