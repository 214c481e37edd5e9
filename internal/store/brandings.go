package store

import (
	"database/sql"
	"errors"
	"fmt"

	"github.com/cenote-id/cenote/internal/pool"
)

// selectBranding begins every statement that loads styles of managed login; scanBranding reads its rows.
const selectBranding = `select branding_id, client_id, settings from login_brandings `

// InsertBranding stores a new style; pool.BrandingExists when the client has one.
func (tx *Tx) InsertBranding(p *pool.Pool, b *pool.Branding) error {
	doc, err := brandingDocument(p, b.ID).encode(b.Settings, "")
	if err != nil {
		return err
	}
	n, err := tx.exec(`insert into login_brandings (pool_id, client_id, branding_id, settings) values ($1, $2, $3, $4)
		on conflict (pool_id, client_id) do nothing`, p.ID, b.ClientID, b.ID, doc)
	if err != nil {
		return fmt.Errorf("insert branding: %w", err)
	}
	if n == 0 {
		return pool.BrandingExists(b.ClientID)
	}
	tx.makes("ManagedLoginBrandingId", b.ID)
	return tx.lookChanged(p.ID, b.ClientID)
}

// lookChanged gives the client, or for pool.AllClients the pool, another version: pages keep what they have made of a look by the versions of both.
func (tx *Tx) lookChanged(poolID, clientID string) error {
	statement, args := `update clients set version = version + 1 where pool_id = $1 and client_id = $2`, []any{poolID, clientID}
	if clientID == pool.AllClients {
		tx.changed.pool(poolID)
		statement, args = `update pools set version = version + 1 where pool_id = $1`, args[:1]
	} else {
		tx.changed.client(clientID)
	}
	if _, err := tx.exec(statement, args...); err != nil {
		return fmt.Errorf("note another look: %w", err)
	}
	return nil
}

// Branding loads a style by its id; pool.BrandingNotFound when there is none.
func (tx *Tx) Branding(p *pool.Pool, id string) (*pool.Branding, error) {
	b, err := scanBranding(p)(tx.queryRow(selectBranding+`where pool_id = $1 and branding_id = $2`, p.ID, id))
	if errors.Is(err, sql.ErrNoRows) {
		return nil, pool.BrandingNotFound()
	}
	return b, err
}

// BrandingOf loads the style of a client; pool.ClientWithoutBranding when it has none.
func (tx *Tx) BrandingOf(p *pool.Pool, clientID string) (*pool.Branding, error) {
	b, err := scanBranding(p)(tx.queryRow(selectBranding+`where pool_id = $1 and client_id = $2`, p.ID, clientID))
	if errors.Is(err, sql.ErrNoRows) {
		return nil, pool.ClientWithoutBranding(clientID)
	}
	return b, err
}

// Brandings lists the styles of a pool.
func (tx *Tx) Brandings(p *pool.Pool) ([]*pool.Branding, error) {
	return collect(tx.query(selectBranding+`where pool_id = $1 order by client_id`, p.ID), scanBranding(p))
}

// SaveBranding stores the settings of a style; pool.BrandingNotFound when it is gone.
func (tx *Tx) SaveBranding(p *pool.Pool, b *pool.Branding) error {
	old, err := tx.text(`select settings from login_brandings where pool_id = $1 and branding_id = $2`, p.ID, b.ID)
	if err != nil {
		return err
	}
	doc, err := brandingDocument(p, b.ID).encode(b.Settings, old)
	if err != nil {
		return err
	}
	n, err := tx.exec(`update login_brandings set settings = $3 where pool_id = $1 and branding_id = $2`, p.ID, b.ID, doc)
	if err != nil {
		return fmt.Errorf("save branding: %w", err)
	}
	if n == 0 {
		return pool.BrandingNotFound()
	}
	return tx.lookChanged(p.ID, b.ClientID)
}

// DeleteBranding removes a style; pool.BrandingNotFound when there is none.
func (tx *Tx) DeleteBranding(poolID, id string) error {
	var clientID string
	err := tx.queryRow(`delete from login_brandings where pool_id = $1 and branding_id = $2 returning client_id`, poolID, id).Scan(&clientID)
	if errors.Is(err, sql.ErrNoRows) {
		return pool.BrandingNotFound()
	}
	if err != nil {
		return fmt.Errorf("delete branding: %w", err)
	}
	return tx.lookChanged(poolID, clientID)
}

// CountBrandings counts the styles of a pool.
func (tx *Tx) CountBrandings(poolID string) (n int64, err error) {
	return n, tx.queryRow(`select count(*) from login_brandings where pool_id = $1`, poolID).Scan(&n)
}

// scanBranding returns the function that reads a style of the pool.
func scanBranding(p *pool.Pool) func(scanner) (*pool.Branding, error) {
	return func(r scanner) (*pool.Branding, error) {
		b := &pool.Branding{PoolID: p.ID}
		var doc []byte
		if err := r.Scan(&b.ID, &b.ClientID, &doc); err != nil {
			return nil, err
		}
		return b, brandingDocument(p, b.ID).decode(doc, &b.Settings)
	}
}

func brandingDocument(p *pool.Pool, id string) document {
	return documentOf(p, "login_brandings", id, "settings")
}
