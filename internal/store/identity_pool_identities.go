package store

import (
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/cenote-id/cenote/internal/identity"
)

const identityColumns = `identity_id, identity_pool_id, disabled, created, modified`

// InsertIdentity stores a new identity without its logins.
func (tx *Tx) InsertIdentity(i *identity.Identity) error {
	_, err := tx.exec(`insert into pool_identities (`+identityColumns+`) values ($1, $2, $3, $4, $5)`, i.ID, i.PoolID, i.Disabled, micros(i.Created), micros(i.Modified))
	if err != nil {
		return fmt.Errorf("insert identity: %w", err)
	}
	return nil
}

// Identity loads an identity with its logins; identity.NotFound when there is none.
func (tx *Tx) Identity(id string) (*identity.Identity, error) {
	i, err := scanIdentity(tx.queryRow(`select `+identityColumns+` from pool_identities where identity_id = $1`, id))
	if errors.Is(err, sql.ErrNoRows) {
		return nil, identity.NotFound(id)
	}
	if err != nil {
		return nil, err
	}
	i.Logins, err = collect(tx.query(`select provider, subject from pool_identity_logins where identity_id = $1 order by provider, subject`, id),
		func(r scanner) (l identity.Link, err error) { return l, r.Scan(&l.Provider, &l.Subject) })
	return i, err
}

// Identities lists the identities of a pool by id, with their logins: those after an id, limit at most, without the disabled ones if hide.
func (tx *Tx) Identities(poolID, after string, limit int, hide bool) ([]*identity.Identity, error) {
	list, err := collect(tx.query(`select `+identityColumns+` from pool_identities where identity_pool_id = $1 and identity_id > $2 and (disabled = $3 or disabled = $4)
		order by identity_id limit cast($5 as bigint)`, poolID, after, false, !hide, limit), scanIdentity)
	if err != nil {
		return nil, err
	}
	for n, i := range list {
		if list[n], err = tx.Identity(i.ID); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// SaveIdentity stores whether the identity is disabled, and when it was changed.
func (tx *Tx) SaveIdentity(i *identity.Identity) error {
	_, err := tx.exec(`update pool_identities set disabled = $2, modified = $3 where identity_id = $1`, i.ID, i.Disabled, micros(i.Modified))
	if err != nil {
		return fmt.Errorf("save identity: %w", err)
	}
	return nil
}

// DeleteIdentity removes an identity with its logins; one that is gone is no error.
func (tx *Tx) DeleteIdentity(id string) error {
	for _, statement := range []string{`delete from pool_identity_logins where identity_id = $1`, `delete from pool_identities where identity_id = $1`} {
		if _, err := tx.exec(statement, id); err != nil {
			return fmt.Errorf("delete identity: %w", err)
		}
	}
	return nil
}

// LinkHolder returns the id of the identity that a login leads to; "" for none.
func (tx *Tx) LinkHolder(poolID string, l identity.Link) (id string, err error) {
	err = tx.queryRow(`select identity_id from pool_identity_logins where identity_pool_id = $1 and provider = $2 and subject = $3`,
		poolID, l.Provider, l.Subject).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return id, err
}

// AddLink lets a login lead to an identity; it leads to no other one afterwards.
func (tx *Tx) AddLink(poolID, identityID string, l identity.Link) error {
	_, err := tx.exec(`insert into pool_identity_logins (identity_pool_id, provider, subject, identity_id) values ($1, $2, $3, $4)
		on conflict (identity_pool_id, provider, subject) do update set identity_id = excluded.identity_id`, poolID, l.Provider, l.Subject, identityID)
	if err != nil {
		return fmt.Errorf("link login: %w", err)
	}
	return nil
}

// RemoveLink lets a login lead nowhere.
func (tx *Tx) RemoveLink(poolID string, l identity.Link) error {
	_, err := tx.exec(`delete from pool_identity_logins where identity_pool_id = $1 and provider = $2 and subject = $3`, poolID, l.Provider, l.Subject)
	if err != nil {
		return fmt.Errorf("unlink login: %w", err)
	}
	return nil
}

func scanIdentity(r scanner) (*identity.Identity, error) {
	i := &identity.Identity{}
	var created, modified int64
	err := r.Scan(&i.ID, &i.PoolID, &i.Disabled, &created, &modified)
	i.Created, i.Modified = fromMicros(created), fromMicros(modified)
	return i, err
}

// VendedKey is a pair of temporary credentials that this server vended to an identity.
type VendedKey struct {
	ID, Secret, SessionToken string
	RoleARN, IdentityID      string
	Expires                  time.Time
}

// InsertVendedKey stores new credentials, sealed by the master key.
func (tx *Tx) InsertVendedKey(k VendedKey) error {
	master, err := tx.sealer()
	if err != nil {
		return err
	}
	_, err = tx.exec(`insert into vended_keys (id, secret, role_arn, identity_id, expires) values ($1, $2, $3, $4, $5)`,
		k.ID, master.Seal([]byte(k.Secret+" "+k.SessionToken), "vended_keys", k.ID), k.RoleARN, k.IdentityID, micros(k.Expires))
	if err != nil {
		return fmt.Errorf("insert vended key: %w", err)
	}
	return nil
}

// VendedKey loads credentials; false when there are none.
func (tx *Tx) VendedKey(id string) (k VendedKey, found bool, err error) {
	if tx.store.master == nil {
		return k, false, ErrNoMaster
	}
	var sealed []byte
	var expires int64
	err = tx.queryRow(`select id, secret, role_arn, identity_id, expires from vended_keys where id = $1`, id).Scan(&k.ID, &sealed, &k.RoleARN, &k.IdentityID, &expires)
	if errors.Is(err, sql.ErrNoRows) {
		return k, false, nil
	}
	if err != nil {
		return k, false, err
	}
	plain, err := tx.store.master.Open(sealed, "vended_keys", id)
	if err != nil {
		return k, false, fmt.Errorf("open vended key: %w", err)
	}
	if _, err := fmt.Sscan(string(plain), &k.Secret, &k.SessionToken); err != nil {
		return k, false, fmt.Errorf("open vended key: %w", err)
	}
	k.Expires = fromMicros(expires)
	return k, true, nil
}
