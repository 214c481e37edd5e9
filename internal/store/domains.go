package store

import (
	"database/sql"
	"errors"
	"fmt"

	"github.com/cenote-id/cenote/internal/pool"
)

// InsertDomain stores a new domain; pool.DomainTaken when a pool has the name.
func (tx *Tx) InsertDomain(d *pool.Domain) error {
	doc, err := domainDocument(d).encode(d.Settings, "")
	if err != nil {
		return err
	}
	n, err := tx.exec(`insert into domains (domain, pool_id, kind, settings) values ($1, $2, $3, $4) on conflict (domain) do nothing`,
		d.Name, d.PoolID, string(d.Kind), doc)
	if err != nil {
		return fmt.Errorf("insert domain: %w", err)
	}
	if n == 0 {
		return pool.DomainTaken()
	}
	return nil
}

// Domain loads a domain by its name; nil when no pool has it.
func (tx *Tx) Domain(name string) (*pool.Domain, error) {
	d, err := scanDomain(tx.queryRow(`select domain, pool_id, kind, settings from domains where domain = $1`, name))
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return d, err
}

// PoolDomains lists the domains of a pool, by their kind: none, one or two.
func (tx *Tx) PoolDomains(poolID string) ([]*pool.Domain, error) {
	return collect(tx.query(`select domain, pool_id, kind, settings from domains where pool_id = $1 order by kind`, poolID), scanDomain)
}

// SaveDomain stores the settings of a domain; pool.DomainNotFound when it is gone.
func (tx *Tx) SaveDomain(d *pool.Domain) error {
	old, err := tx.text(`select settings from domains where domain = $1`, d.Name)
	if err != nil {
		return err
	}
	doc, err := domainDocument(d).encode(d.Settings, old)
	if err != nil {
		return err
	}
	n, err := tx.exec(`update domains set settings = $3 where domain = $1 and pool_id = $2`, d.Name, d.PoolID, doc)
	if err != nil {
		return fmt.Errorf("save domain: %w", err)
	}
	if n == 0 {
		return pool.DomainNotFound()
	}
	return nil
}

// DeleteDomain removes a domain; pool.DomainNotFound when it is gone.
func (tx *Tx) DeleteDomain(d *pool.Domain) error {
	n, err := tx.exec(`delete from domains where domain = $1 and pool_id = $2`, d.Name, d.PoolID)
	if err != nil {
		return fmt.Errorf("delete domain: %w", err)
	}
	if n == 0 {
		return pool.DomainNotFound()
	}
	return nil
}

func scanDomain(r scanner) (*pool.Domain, error) {
	d := &pool.Domain{}
	var doc []byte
	if err := r.Scan(&d.Name, &d.PoolID, &d.Kind, &doc); err != nil {
		return nil, err
	}
	return d, domainDocument(d).decode(doc, &d.Settings)
}

// domainDocument needs no key: nothing in it is secret, and a domain is found before its pool is known.
func domainDocument(d *pool.Domain) document {
	return document{place: []string{d.PoolID, "domains", d.Name, "settings"}}
}
