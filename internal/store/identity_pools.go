package store

import (
	"database/sql"
	"errors"
	"fmt"

	"github.com/cenote-id/cenote/internal/identity"
)

const identityPoolColumns = `identity_pool_id, region, account_id, version, settings`

// InsertIdentityPool stores a new identity pool.
func (tx *Tx) InsertIdentityPool(p *identity.Pool) error {
	doc, err := identityPoolDocument(p.ID).encode(p.Settings, "")
	if err != nil {
		return err
	}
	_, err = tx.exec(`insert into identity_pools (`+identityPoolColumns+`) values ($1, $2, $3, $4, $5)`, p.ID, p.Region, p.AccountID, p.Version, doc)
	if err != nil {
		return fmt.Errorf("insert identity pool %s: %w", p.ID, err)
	}
	tx.makes("IdentityPoolId", p.ID)
	return nil
}

// IdentityPool loads an identity pool; identity.PoolNotFound when there is none.
func (tx *Tx) IdentityPool(id string) (*identity.Pool, error) {
	p, err := scanIdentityPool(tx.queryRow(`select `+identityPoolColumns+` from identity_pools where identity_pool_id = $1`, id))
	if errors.Is(err, sql.ErrNoRows) {
		return nil, identity.PoolNotFound(id)
	}
	return p, err
}

// IdentityPools lists the pools of an account in a region by id, those after an id, limit at most.
func (tx *Tx) IdentityPools(accountID, region, after string, limit int) ([]*identity.Pool, error) {
	return collect(tx.query(`select `+identityPoolColumns+` from identity_pools where account_id = $1 and region = $2 and identity_pool_id > $3
		order by identity_pool_id limit cast($4 as bigint)`, accountID, region, after, limit), scanIdentityPool)
}

// IdentityPoolIDs lists the ids of all identity pools.
func (tx *Tx) IdentityPoolIDs() ([]string, error) {
	return collect(tx.query(`select identity_pool_id from identity_pools order by identity_pool_id`), func(r scanner) (id string, err error) { return id, r.Scan(&id) })
}

// SaveIdentityPool stores a pool that was loaded in this transaction; identity.PoolNotFound when it is gone.
func (tx *Tx) SaveIdentityPool(p *identity.Pool) error {
	old, err := tx.text(`select settings from identity_pools where identity_pool_id = $1`, p.ID)
	if err != nil {
		return err
	}
	doc, err := identityPoolDocument(p.ID).encode(p.Settings, old)
	if err != nil {
		return err
	}
	n, err := tx.exec(`update identity_pools set version = version + 1, settings = $2 where identity_pool_id = $1`, p.ID, doc)
	if err != nil {
		return fmt.Errorf("save identity pool %s: %w", p.ID, err)
	}
	if n == 0 {
		return identity.PoolNotFound(p.ID)
	}
	p.Version++
	return nil
}

// DeleteIdentityPool removes a pool. Its identities are out of reach from then on, and removed by Sweep.
func (tx *Tx) DeleteIdentityPool(id string) error {
	n, err := tx.exec(`delete from identity_pools where identity_pool_id = $1`, id)
	if err != nil {
		return fmt.Errorf("delete identity pool %s: %w", id, err)
	}
	if n == 0 {
		return identity.PoolNotFound(id)
	}
	return nil
}

// identityPoolDocument returns the settings of an identity pool, none of which is secret.
func identityPoolDocument(id string) document {
	return document{place: []string{id, "identity_pools", "settings"}}
}

func scanIdentityPool(r scanner) (*identity.Pool, error) {
	p := &identity.Pool{}
	var doc string
	if err := r.Scan(&p.ID, &p.Region, &p.AccountID, &p.Version, &doc); err != nil {
		return nil, err
	}
	return p, identityPoolDocument(p.ID).decode([]byte(doc), &p.Settings)
}
