package store

import (
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/cenote-id/cenote/internal/seal"
)

// AccessKey is a pair of credentials of an operator. It prints as "[hidden]".
type AccessKey struct {
	seal.Hidden
	ID      string
	Secret  string
	Name    string // whose it is
	Account string // the account it belongs to; empty for the one that the server is set to
	Policy  []byte // JSON: what it allows; nil when there is none
	Created time.Time
}

// InsertAccessKey stores a new access key. An id that exists is an internal error: ids are random.
func (tx *Tx) InsertAccessKey(k AccessKey) error {
	master, err := tx.sealer()
	if err != nil {
		return err
	}
	tx.changed.key(k.ID)
	_, err = tx.exec(`insert into access_keys (id, name, account_id, secret, policy, created) values ($1, $2, $3, $4, $5, $6)`,
		k.ID, k.Name, k.Account, master.Seal([]byte(k.Secret), "access_keys", k.ID, "secret"), string(k.Policy), micros(k.Created))
	if err != nil {
		return fmt.Errorf("insert access key %s: %w", k.ID, err)
	}
	return nil
}

// AccessKey loads an access key with its secret, and reports whether there is one.
func (tx *Tx) AccessKey(id string) (AccessKey, bool, error) {
	if tx.store.master == nil {
		return AccessKey{}, false, ErrNoMaster
	}
	var sealed []byte
	k, err := scanAccessKey(tx.queryRow(`select id, name, account_id, policy, created, secret from access_keys where id = $1`, id), &sealed)
	if errors.Is(err, sql.ErrNoRows) {
		return AccessKey{}, false, nil
	}
	if err != nil {
		return AccessKey{}, false, err
	}
	secret, err := tx.store.master.Open(sealed, "access_keys", id, "secret")
	if err != nil {
		return AccessKey{}, false, fmt.Errorf("open secret of access key %s: %w", id, err)
	}
	k.Secret = string(secret)
	return k, true, nil
}

// AccessKeys lists all access keys by id, without their secrets.
func (tx *Tx) AccessKeys() ([]AccessKey, error) {
	return collect(tx.query(`select id, name, account_id, policy, created from access_keys order by id`),
		func(r scanner) (AccessKey, error) { return scanAccessKey(r) })
}

// DeleteAccessKey removes an access key and reports whether there was one.
func (tx *Tx) DeleteAccessKey(id string) (bool, error) {
	tx.changed.key(id)
	n, err := tx.exec(`delete from access_keys where id = $1`, id)
	if err != nil {
		return false, fmt.Errorf("delete access key %s: %w", id, err)
	}
	return n > 0, nil
}

// scanAccessKey reads id, name, account_id, policy, created, and then what more the statement asks for.
func scanAccessKey(r scanner, more ...any) (k AccessKey, err error) {
	var policy string
	var created int64
	err = r.Scan(append([]any{&k.ID, &k.Name, &k.Account, &policy, &created}, more...)...)
	if policy != "" {
		k.Policy = []byte(policy)
	}
	k.Created = fromMicros(created)
	return k, err
}
