package store

import (
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/wire"
)

// selectProvider begins every statement that loads identity providers; scanProvider reads its rows.
const selectProvider = `select v.name, v.version, v.settings, v.metadata, v.fetched, v.refresh_due, v.refresh_fault from identity_providers v `

// InsertProvider stores a new identity provider with its identifiers, and sets its Version; pool.ProviderExists when the pool has one with
// the name, pool.IdentifierTaken when another one has an identifier.
func (tx *Tx) InsertProvider(p *pool.Pool, v *pool.Provider) error {
	doc, err := providerDocument(p, v.Name).encode(v.Settings, "")
	if err != nil {
		return err
	}
	n, err := tx.exec(`insert into identity_providers (pool_id, name, version, settings, metadata, fetched, refresh_due)
		values ($1, $2, 1, $3, $4, $5, $6) on conflict (pool_id, name) do nothing`, p.ID, v.Name, doc, v.Metadata, micros(v.Fetched), micros(v.NextRefresh()))
	if err != nil {
		return fmt.Errorf("insert provider: %w", err)
	}
	if n == 0 {
		return pool.ProviderExists(p.ID, v.Name)
	}
	v.Version, v.Due = 1, v.NextRefresh()
	return tx.insertIdentifiers(p.ID, v)
}

func (tx *Tx) insertIdentifiers(poolID string, v *pool.Provider) error {
	for _, identifier := range v.Settings.IdpIdentifiers {
		n, err := tx.exec(`insert into provider_identifiers (pool_id, identifier, provider) values ($1, $2, $3)
			on conflict (pool_id, identifier) do nothing`, poolID, identifier, v.Name)
		if err != nil {
			return fmt.Errorf("insert identifier of provider: %w", err)
		}
		if n == 0 {
			return pool.IdentifierTaken(identifier)
		}
	}
	return nil
}

// Provider loads an identity provider; pool.ProviderNotFound when there is none.
func (tx *Tx) Provider(p *pool.Pool, name string) (*pool.Provider, error) {
	v, err := scanProvider(p)(tx.queryRow(selectProvider+`where v.pool_id = $1 and v.name = $2`, p.ID, name))
	if errors.Is(err, sql.ErrNoRows) {
		return nil, pool.ProviderNotFound(p.ID, name)
	}
	return v, err
}

// ProviderByIdentifier loads the identity provider with one of its other names; pool.ProviderNotFound when there is none.
func (tx *Tx) ProviderByIdentifier(p *pool.Pool, identifier string) (*pool.Provider, error) {
	v, err := scanProvider(p)(tx.queryRow(selectProvider+`cross join provider_identifiers i
		where i.pool_id = $1 and i.identifier = $2 and v.pool_id = i.pool_id and v.name = i.provider`, p.ID, identifier))
	if errors.Is(err, sql.ErrNoRows) {
		return nil, pool.ProviderNotFound(p.ID, identifier)
	}
	return v, err
}

// SaveProvider stores a provider that was loaded in this transaction, with its identifiers, and sets its Version; pool.ProviderNotFound
// when it is gone, pool.IdentifierTaken when another one has an identifier.
func (tx *Tx) SaveProvider(p *pool.Pool, v *pool.Provider) error {
	old, err := tx.text(`select settings from identity_providers where pool_id = $1 and name = $2`, p.ID, v.Name)
	if err != nil {
		return err
	}
	doc, err := providerDocument(p, v.Name).encode(v.Settings, old)
	if err != nil {
		return err
	}
	err = tx.queryRow(`update identity_providers set version = version + 1, settings = $3, metadata = $4, fetched = $5, refresh_due = $6, refresh_fault = ''
		where pool_id = $1 and name = $2 returning version`, p.ID, v.Name, doc, v.Metadata, micros(v.Fetched), micros(v.NextRefresh())).Scan(&v.Version)
	if errors.Is(err, sql.ErrNoRows) {
		return pool.ProviderNotFound(p.ID, v.Name)
	}
	if err != nil {
		return fmt.Errorf("save provider: %w", err)
	}
	v.Due, v.Fault = v.NextRefresh(), ""
	if err := tx.deleteIdentifiers(p.ID, v.Name); err != nil {
		return err
	}
	return tx.insertIdentifiers(p.ID, v)
}

// DueProvider is a provider whose metadata is to be fetched again.
type DueProvider struct {
	PoolID, Name string
	Due          time.Time
}

// DueProviders lists providers of all pools whose metadata is due at the time, the longest due first, at most limit.
func (tx *Tx) DueProviders(now time.Time, limit int) ([]DueProvider, error) {
	return collect(tx.query(`select pool_id, name, refresh_due from identity_providers
		where refresh_due > 0 and refresh_due <= $1 order by refresh_due, pool_id, name limit cast($2 as bigint)`, micros(now), rowLimit(limit)),
		func(r scanner) (d DueProvider, err error) {
			var due int64
			err = r.Scan(&d.PoolID, &d.Name, &due)
			d.Due = fromMicros(due)
			return d, err
		})
}

// PostponeRefresh sets when metadata that was due is due again, and why; it reports false when another node was faster. What is fetched in the
// meantime is stored by SaveProvider.
func (tx *Tx) PostponeRefresh(d DueProvider, until time.Time, fault string) (bool, error) {
	n, err := tx.exec(`update identity_providers set refresh_due = $4, refresh_fault = $5 where pool_id = $1 and name = $2 and refresh_due = $3`,
		d.PoolID, d.Name, micros(d.Due), micros(until), fault)
	if err != nil {
		return false, fmt.Errorf("postpone refresh of metadata: %w", err)
	}
	return n == 1, nil
}

// DeleteProvider removes an identity provider; pool.ProviderNotFound when there is none. Users who signed in with it stay.
func (tx *Tx) DeleteProvider(poolID, name string) error {
	n, err := tx.exec(`delete from identity_providers where pool_id = $1 and name = $2`, poolID, name)
	if err != nil {
		return fmt.Errorf("delete provider: %w", err)
	}
	if n == 0 {
		return pool.ProviderNotFound(poolID, name)
	}
	if _, err := tx.exec(`delete from provider_visits where pool_id = $1 and provider = $2`, poolID, name); err != nil {
		return fmt.Errorf("delete visits of provider: %w", err)
	}
	return tx.deleteIdentifiers(poolID, name)
}

func (tx *Tx) deleteIdentifiers(poolID, name string) error {
	if _, err := tx.exec(`delete from provider_identifiers where pool_id = $1 and provider = $2`, poolID, name); err != nil {
		return fmt.Errorf("delete identifiers of provider: %w", err)
	}
	return nil
}

// Providers lists a pool's identity providers by name, those after the given one ("" for the first), at most limit (0 for all).
func (tx *Tx) Providers(p *pool.Pool, after string, limit int) ([]*pool.Provider, error) {
	return collect(tx.query(selectProvider+`where v.pool_id = $1 and v.name > $2 order by v.name limit cast($3 as bigint)`, p.ID, after, rowLimit(limit)), scanProvider(p))
}

// ProviderSettings lists the settings of all identity providers of a pool, without documents of metadata that were fetched.
func (tx *Tx) ProviderSettings(p *pool.Pool) ([]wire.IdentityProviderType, error) {
	return collect(tx.query(`select name, settings from identity_providers where pool_id = $1 order by name`, p.ID),
		func(r scanner) (s wire.IdentityProviderType, err error) {
			var name string
			var doc []byte
			if err := r.Scan(&name, &doc); err != nil {
				return s, err
			}
			return s, providerDocument(p, name).decode(doc, &s)
		})
}

// CountProviders counts the identity providers of a pool.
func (tx *Tx) CountProviders(poolID string) (n int64, err error) {
	return n, tx.queryRow(`select count(*) from identity_providers where pool_id = $1`, poolID).Scan(&n)
}

// ExistingProviders returns those of the names that identity providers of the pool have, in their order.
func (tx *Tx) ExistingProviders(poolID string, names []string) ([]string, error) {
	var exist []string
	for _, name := range names {
		var one int
		switch err := tx.queryRow(`select 1 from identity_providers where pool_id = $1 and name = $2`, poolID, name).Scan(&one); {
		case err == nil:
			exist = append(exist, name)
		case !errors.Is(err, sql.ErrNoRows):
			return nil, err
		}
	}
	return exist, nil
}

// scanProvider returns the function that reads a provider of the pool.
func scanProvider(p *pool.Pool) func(scanner) (*pool.Provider, error) {
	return func(r scanner) (*pool.Provider, error) {
		v := &pool.Provider{PoolID: p.ID}
		var doc []byte
		var fetched, due int64
		if err := r.Scan(&v.Name, &v.Version, &doc, &v.Metadata, &fetched, &due, &v.Fault); err != nil {
			return nil, err
		}
		v.Fetched, v.Due = fromMicros(fetched), fromMicros(due)
		return v, providerDocument(p, v.Name).decode(doc, &v.Settings)
	}
}

func providerDocument(p *pool.Pool, name string) document {
	return documentOf(p, "identity_providers", name, "settings")
}
