package store

import (
	"database/sql"
	"errors"
	"fmt"

	"github.com/cenote-id/cenote/internal/pool"
)

// selectUICustomization begins every statement that loads looks; scanUICustomization reads its rows.
const selectUICustomization = `select client_id, settings, image, image_type from ui_customizations `

// SaveUICustomization stores the look of a client, or of all, in place of the one before.
func (tx *Tx) SaveUICustomization(p *pool.Pool, u *pool.UICustomization) error {
	old, err := tx.text(`select settings from ui_customizations where pool_id = $1 and client_id = $2`, p.ID, u.ClientID)
	if err != nil {
		return err
	}
	doc, err := uiDocument(p, u.ClientID).encode(u.Settings, old)
	if err != nil {
		return err
	}
	_, err = tx.exec(`insert into ui_customizations (pool_id, client_id, settings, image, image_type) values ($1, $2, $3, $4, $5)
		on conflict (pool_id, client_id) do update set settings = excluded.settings, image = excluded.image, image_type = excluded.image_type`,
		p.ID, u.ClientID, doc, u.Image, u.ImageType)
	if err != nil {
		return fmt.Errorf("save UI customization: %w", err)
	}
	return tx.lookChanged(p.ID, u.ClientID)
}

// UICustomization loads the look of a client, or of all, with its logo; nil when there is none.
func (tx *Tx) UICustomization(p *pool.Pool, clientID string) (*pool.UICustomization, error) {
	u, err := scanUICustomization(p)(tx.queryRow(selectUICustomization+`where pool_id = $1 and client_id = $2`, p.ID, clientID))
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return u, err
}

// UICustomizations lists the looks of a pool, with their logos.
func (tx *Tx) UICustomizations(p *pool.Pool) ([]*pool.UICustomization, error) {
	return collect(tx.query(selectUICustomization+`where pool_id = $1 order by client_id`, p.ID), scanUICustomization(p))
}

// scanUICustomization returns the function that reads a look of the pool.
func scanUICustomization(p *pool.Pool) func(scanner) (*pool.UICustomization, error) {
	return func(r scanner) (*pool.UICustomization, error) {
		u := &pool.UICustomization{PoolID: p.ID}
		var doc []byte
		if err := r.Scan(&u.ClientID, &doc, &u.Image, &u.ImageType); err != nil {
			return nil, err
		}
		return u, uiDocument(p, u.ClientID).decode(doc, &u.Settings)
	}
}

// DeleteUICustomization removes the look of a client, or of all, if there is one.
func (tx *Tx) DeleteUICustomization(poolID, clientID string) error {
	if _, err := tx.exec(`delete from ui_customizations where pool_id = $1 and client_id = $2`, poolID, clientID); err != nil {
		return fmt.Errorf("delete UI customization: %w", err)
	}
	return tx.lookChanged(poolID, clientID)
}

func uiDocument(p *pool.Pool, clientID string) document {
	return documentOf(p, "ui_customizations", clientID, "settings")
}
