package store

import (
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/wire"
)

// InsertPasskey stores a new passkey; it reports false, and changes nothing, when a user of the pool has registered it before.
func (tx *Tx) InsertPasskey(p *pool.Pool, k *user.Passkey) (inserted bool, err error) {
	credential, err := wire.Encode(k.Credential)
	if err != nil {
		return false, err
	}
	n, err := tx.exec(`insert into passkeys (pool_id, credential_id, user_id, party_id, name, credential, created)
		values ($1, $2, $3, $4, $5, $6, $7) on conflict (pool_id, credential_id) do nothing`,
		p.ID, k.Credential.Name(), k.UserID, k.PartyID, k.Name, string(credential), micros(k.Created))
	if err != nil {
		return false, fmt.Errorf("insert passkey: %w", err)
	}
	return n == 1, nil
}

// SavePasskey stores the credential of a passkey, whose counter grows; user.PasskeyNotFound when it is gone.
func (tx *Tx) SavePasskey(p *pool.Pool, k *user.Passkey) error {
	var old []byte
	err := tx.queryRow(`select credential from passkeys where pool_id = $1 and credential_id = $2 and user_id = $3`,
		p.ID, k.Credential.Name(), k.UserID).Scan(&old)
	if errors.Is(err, sql.ErrNoRows) {
		return user.PasskeyNotFound()
	}
	if err != nil {
		return fmt.Errorf("save passkey: %w", err)
	}
	credential, err := wire.EncodeStored(k.Credential, old, nil)
	if err != nil {
		return err
	}
	_, err = tx.exec(`update passkeys set credential = $4 where pool_id = $1 and credential_id = $2 and user_id = $3`,
		p.ID, k.Credential.Name(), k.UserID, string(credential))
	if err != nil {
		return fmt.Errorf("save passkey: %w", err)
	}
	return nil
}

// Passkeys lists the passkeys of a user by age, those after the one with the time and the id (zero for the first), at most limit (0
// for all).
func (tx *Tx) Passkeys(p *pool.Pool, userID string, after time.Time, afterID string, limit int) ([]*user.Passkey, error) {
	return collect(tx.query(`select party_id, name, credential, created from passkeys
		where pool_id = $1 and user_id = $2 and (created, credential_id) > ($3, $4) order by created, credential_id limit cast($5 as bigint)`,
		p.ID, userID, micros(after), afterID, rowLimit(limit)), func(r scanner) (*user.Passkey, error) {
		k := &user.Passkey{PoolID: p.ID, UserID: userID}
		var credential []byte
		var created int64
		if err := r.Scan(&k.PartyID, &k.Name, &credential, &created); err != nil {
			return nil, err
		}
		k.Created = fromMicros(created)
		return k, wire.Unmarshal(credential, &k.Credential)
	})
}

// CountPasskeys counts the passkeys of a user that belong to the relying party.
func (tx *Tx) CountPasskeys(poolID, userID, partyID string) (n int, err error) {
	return n, tx.queryRow(`select count(*) from passkeys where pool_id = $1 and user_id = $2 and party_id = $3`,
		poolID, userID, partyID).Scan(&n)
}

// DeletePasskey removes a passkey of a user by its id; user.PasskeyNotFound when there is none.
func (tx *Tx) DeletePasskey(p *pool.Pool, userID, id string) error {
	n, err := tx.exec(`delete from passkeys where pool_id = $1 and credential_id = $2 and user_id = $3`, p.ID, id, userID)
	if err != nil {
		return fmt.Errorf("delete passkey: %w", err)
	}
	if n == 0 {
		return user.PasskeyNotFound()
	}
	return nil
}

// SavePasskeyChallenge stores a registration that a user begins, in place of an earlier one.
func (tx *Tx) SavePasskeyChallenge(p *pool.Pool, userID string, c *user.PasskeyChallenge) error {
	_, err := tx.exec(`insert into passkey_challenges (pool_id, user_id, client_id, challenge, expires) values ($1, $2, $3, $4, $5)
		on conflict (pool_id, user_id)
		do update set client_id = excluded.client_id, challenge = excluded.challenge, expires = excluded.expires`,
		p.ID, userID, c.ClientID, c.Challenge, micros(c.Expires))
	if err != nil {
		return fmt.Errorf("save passkey challenge: %w", err)
	}
	return nil
}

// PasskeyChallenge loads the registration that a user began, an expired one too; nil when there is none.
func (tx *Tx) PasskeyChallenge(p *pool.Pool, userID string) (*user.PasskeyChallenge, error) {
	c := &user.PasskeyChallenge{}
	var expires int64
	err := tx.queryRow(`select client_id, challenge, expires from passkey_challenges where pool_id = $1 and user_id = $2`,
		p.ID, userID).Scan(&c.ClientID, &c.Challenge, &expires)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	c.Expires = fromMicros(expires)
	return c, nil
}

// DeletePasskeyChallenge ends a registration.
func (tx *Tx) DeletePasskeyChallenge(p *pool.Pool, userID string) error {
	_, err := tx.exec(`delete from passkey_challenges where pool_id = $1 and user_id = $2`, p.ID, userID)
	if err != nil {
		return fmt.Errorf("delete passkey challenge: %w", err)
	}
	return nil
}
