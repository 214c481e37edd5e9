package store

import (
	"database/sql"
	"errors"
	"fmt"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/pool"
)

// InsertResourceServer stores a new resource server; pool.ResourceServerExists when the pool has one with the identifier.
func (tx *Tx) InsertResourceServer(p *pool.Pool, r pool.ResourceServer) error {
	doc, err := resourceServerDocument(p, r.Settings.Identifier).encode(r.Settings, "")
	if err != nil {
		return err
	}
	n, err := tx.exec(`insert into resource_servers (pool_id, identifier, settings) values ($1, $2, $3)
		on conflict (pool_id, identifier) do nothing`, r.PoolID, r.Settings.Identifier, doc)
	if err != nil {
		return fmt.Errorf("insert resource server: %w", err)
	}
	if n == 0 {
		return pool.ResourceServerExists(r.PoolID, r.Settings.Identifier)
	}
	return nil
}

// ResourceServer loads a resource server; pool.ResourceServerNotFound when there is none.
func (tx *Tx) ResourceServer(p *pool.Pool, identifier string) (pool.ResourceServer, error) {
	r, err := scanResourceServer(p)(tx.queryRow(`select identifier, settings from resource_servers where pool_id = $1 and identifier = $2`, p.ID, identifier))
	if errors.Is(err, sql.ErrNoRows) {
		return r, pool.ResourceServerNotFound(identifier)
	}
	return r, err
}

// SaveResourceServer stores the settings of a resource server; pool.ResourceServerNotFound when it is gone.
func (tx *Tx) SaveResourceServer(p *pool.Pool, r pool.ResourceServer) error {
	old, err := tx.text(`select settings from resource_servers where pool_id = $1 and identifier = $2`, p.ID, r.Settings.Identifier)
	if err != nil {
		return err
	}
	doc, err := resourceServerDocument(p, r.Settings.Identifier).encode(r.Settings, old)
	if err != nil {
		return err
	}
	n, err := tx.exec(`update resource_servers set settings = $3 where pool_id = $1 and identifier = $2`, r.PoolID, r.Settings.Identifier, doc)
	if err != nil {
		return fmt.Errorf("save resource server: %w", err)
	}
	if n == 0 {
		return pool.ResourceServerNotFound(r.Settings.Identifier)
	}
	return nil
}

// DeleteResourceServer removes a resource server; pool.ResourceServerNotFound when there is none.
func (tx *Tx) DeleteResourceServer(poolID, identifier string) error {
	n, err := tx.exec(`delete from resource_servers where pool_id = $1 and identifier = $2`, poolID, identifier)
	if err != nil {
		return fmt.Errorf("delete resource server: %w", err)
	}
	if n == 0 {
		return pool.ResourceServerNotFound(identifier)
	}
	return nil
}

// ResourceServers lists a pool's resource servers by identifier, those after the given one ("" for the first), at most limit (0 for all).
func (tx *Tx) ResourceServers(p *pool.Pool, after string, limit int) ([]pool.ResourceServer, error) {
	return collect(tx.query(`select identifier, settings from resource_servers where pool_id = $1 and identifier > $2 order by identifier limit cast($3 as bigint)`,
		p.ID, after, rowLimit(limit)), scanResourceServer(p))
}

// CountResourceServers counts the resource servers of a pool.
func (tx *Tx) CountResourceServers(poolID string) (n int64, err error) {
	return n, tx.queryRow(`select count(*) from resource_servers where pool_id = $1`, poolID).Scan(&n)
}

// ExistingScopes returns those of the scopes that resource servers of the pool have, in their order. One is there without a resource server.
func (tx *Tx) ExistingScopes(p *pool.Pool, scopes []string) ([]string, error) {
	servers := map[string]*pool.ResourceServer{}
	var exist []string
	for _, scope := range scopes {
		if scope == pool.RegistrationScope {
			exist = append(exist, scope)
			continue
		}
		identifier, name, ok := pool.CutScope(scope)
		if !ok {
			continue
		}
		if servers[identifier] == nil {
			r, err := tx.ResourceServer(p, identifier)
			if err != nil && !fault.Is(err, fault.ResourceNotFound) {
				return nil, err
			}
			servers[identifier] = &r
		}
		if servers[identifier].Has(name) {
			exist = append(exist, scope)
		}
	}
	return exist, nil
}

// scanResourceServer returns the function that reads a resource server of the pool.
func scanResourceServer(p *pool.Pool) func(scanner) (pool.ResourceServer, error) {
	return func(row scanner) (pool.ResourceServer, error) {
		r := pool.ResourceServer{PoolID: p.ID}
		var identifier string
		var doc []byte
		if err := row.Scan(&identifier, &doc); err != nil {
			return r, err
		}
		return r, resourceServerDocument(p, identifier).decode(doc, &r.Settings)
	}
}

func resourceServerDocument(p *pool.Pool, identifier string) document {
	return documentOf(p, "resource_servers", identifier, "settings")
}
