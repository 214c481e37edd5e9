package store

import (
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/cenote-id/cenote/internal/pool"
)

// SaveChallenge keeps the state of a sign-in under a new id, sealed, until the given time. The user's id is empty for a user who does
// not exist.
func (tx *Tx) SaveChallenge(p *pool.Pool, userID, id string, state []byte, expires time.Time) error {
	_, err := tx.exec(`insert into challenges (pool_id, user_id, id, state, expires) values ($1, $2, $3, $4, $5)`,
		p.ID, userID, id, p.Key.Seal(state, p.ID, "challenges", userID, id), micros(expires))
	if err != nil {
		return fmt.Errorf("save state of challenge: %w", err)
	}
	return nil
}

// Challenge loads the state of a sign-in; nil when there is none any more at the time.
func (tx *Tx) Challenge(p *pool.Pool, userID, id string, now time.Time) ([]byte, error) {
	var sealed []byte
	err := tx.queryRow(`select state from challenges where pool_id = $1 and user_id = $2 and id = $3 and expires > $4`,
		p.ID, userID, id, micros(now)).Scan(&sealed)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	state, err := p.Key.Open(sealed, p.ID, "challenges", userID, id)
	if err != nil {
		return nil, fmt.Errorf("load state of challenge: %w", err)
	}
	return state, nil
}

// ReplaceChallenge keeps the state of a sign-in under an id that may be in use, in place of what is there.
func (tx *Tx) ReplaceChallenge(p *pool.Pool, userID, id string, state []byte, expires time.Time) error {
	_, err := tx.exec(`insert into challenges (pool_id, user_id, id, state, expires) values ($1, $2, $3, $4, $5)
		on conflict (pool_id, user_id, id) do update set state = excluded.state, expires = excluded.expires`,
		p.ID, userID, id, p.Key.Seal(state, p.ID, "challenges", userID, id), micros(expires))
	if err != nil {
		return fmt.Errorf("save state of challenge: %w", err)
	}
	return nil
}
