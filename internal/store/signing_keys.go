package store

import (
	"crypto/rsa"
	"crypto/x509"
	"fmt"
	"slices"
	"time"

	"github.com/cenote-id/cenote/internal/pool"
)

// InsertSigningKey adds a signing key to the pool. p.Keys is left as it is; p.Version is set.
func (tx *Tx) InsertSigningKey(p *pool.Pool, k pool.SigningKey) error {
	if err := tx.insertSigningKey(p, k); err != nil {
		return err
	}
	return tx.touchPool(p)
}

// RetireSigningKeys ends signing with the pool's present keys of the use; until the given time they still verify. p.Keys is left as
// it is; p.Version is set.
func (tx *Tx) RetireSigningKeys(p *pool.Pool, use pool.KeyUse, until time.Time) error {
	_, err := tx.exec(`update signing_keys set retires = $3 where pool_id = $1 and key_use = $2 and retires = 0`, p.ID, string(use), micros(until))
	if err != nil {
		return fmt.Errorf("retire signing keys: %w", err)
	}
	return tx.touchPool(p)
}

// PoolsWithKeysFrom lists, by id, pools that sign with a key from before the given time, those after the given one ("" for the first), at
// most limit.
func (tx *Tx) PoolsWithKeysFrom(before time.Time, after string, limit int) ([]string, error) {
	return collect(tx.query(`select distinct pool_id from signing_keys where pool_id > $1 and retires = 0 and created <= $2
		order by pool_id limit cast($3 as bigint)`, after, micros(before), limit), func(r scanner) (id string, err error) { return id, r.Scan(&id) })
}

// touchPool tells caches that the pool's keys changed.
func (tx *Tx) touchPool(p *pool.Pool) error {
	return tx.poolVersion(p, tx.queryRow(`update pools set version = version + 1 where pool_id = $1 returning version`, p.ID))
}

func (tx *Tx) insertSigningKey(p *pool.Pool, k pool.SigningKey) error {
	der, err := x509.MarshalPKCS8PrivateKey(k.Private)
	if err != nil {
		return fmt.Errorf("encode signing key %s: %w", k.ID, err)
	}
	_, err = tx.exec(`insert into signing_keys (pool_id, key_id, key_use, private_key, created, retires) values ($1, $2, $3, $4, $5, $6)`,
		p.ID, k.ID, string(k.Use), p.Key.Seal(der, p.ID, "signing_keys", k.ID, "private_key"), micros(k.Created), micros(k.Retires))
	if err != nil {
		return fmt.Errorf("insert signing key %s: %w", k.ID, err)
	}
	return nil
}

// loadKeys fills p.Keys. To parse an RSA key costs 0.2 ms, so those of the cached pool are taken when it has the same version.
func (tx *Tx) loadKeys(p *pool.Pool) error {
	if cached := tx.store.pools.look(p.ID); cached.value != nil && cached.value.Version == p.Version {
		p.Keys = slices.Clone(cached.value.Keys)
		return nil
	}
	var err error
	p.Keys, err = collect(tx.query(`select key_id, key_use, private_key, created, retires from signing_keys where pool_id = $1
		order by created desc, key_id`, p.ID), func(r scanner) (pool.SigningKey, error) { return scanSigningKey(p, r) })
	return err
}

func scanSigningKey(p *pool.Pool, r scanner) (k pool.SigningKey, err error) {
	var use string
	var sealed []byte
	var created, retires int64
	if err := r.Scan(&k.ID, &use, &sealed, &created, &retires); err != nil {
		return k, err
	}
	k.Use, k.Created, k.Retires = pool.KeyUse(use), fromMicros(created), fromMicros(retires)
	der, err := p.Key.Open(sealed, p.ID, "signing_keys", k.ID, "private_key")
	if err != nil {
		return k, fmt.Errorf("open signing key %s: %w", k.ID, err)
	}
	parsed, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return k, fmt.Errorf("parse signing key %s: %w", k.ID, err)
	}
	private, ok := parsed.(*rsa.PrivateKey)
	if !ok {
		return k, fmt.Errorf("signing key %s is a %T", k.ID, parsed)
	}
	k.Private = private
	return k, nil
}
