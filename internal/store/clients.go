package store

import (
	"database/sql"
	"errors"
	"fmt"

	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/wire"
)

// selectClient begins every statement that loads clients; scanClient reads its rows.
const selectClient = `select pool_id, client_id, version, settings, sessions, risk, secrets from clients `

// InsertClient stores a new client of the pool and sets its PoolID and Version.
func (tx *Tx) InsertClient(p *pool.Pool, c *pool.Client) error {
	doc, err := encodeClient(p, c, clientRow{})
	if err != nil {
		return err
	}
	_, err = tx.exec(`insert into clients (pool_id, client_id, version, settings, sessions, risk, secrets) values ($1, $2, $3, $4, $5, $6, $7)`,
		p.ID, c.ID, 1, doc.settings, doc.sessions, doc.risk, doc.secrets)
	if err != nil {
		return fmt.Errorf("insert client %s: %w", c.ID, err)
	}
	c.PoolID, c.Version = p.ID, 1
	tx.makes("ClientId", c.ID)
	return nil
}

// CountClients returns how many clients the pool has.
func (tx *Tx) CountClients(poolID string) (n int64, err error) {
	err = tx.queryRow(`select count(*) from clients where pool_id = $1`, poolID).Scan(&n)
	return n, err
}

// SaveClient stores the settings and secrets of a client that was loaded in this transaction, and sets its Version;
// pool.ClientNotFound when it is gone.
func (tx *Tx) SaveClient(p *pool.Pool, c *pool.Client) error {
	old, err := scanClient(tx.queryRow(selectClient+`where pool_id = $1 and client_id = $2`, p.ID, c.ID))
	if err != nil && !errors.Is(err, sql.ErrNoRows) { // the update tells of a client that is gone
		return fmt.Errorf("save client %s: %w", c.ID, err)
	}
	doc, err := encodeClient(p, c, old)
	if err != nil {
		return err
	}
	tx.changed.client(c.ID)
	err = tx.queryRow(`update clients set version = version + 1, settings = $3, sessions = $4, risk = $5, secrets = $6
		where pool_id = $1 and client_id = $2 returning version`,
		p.ID, c.ID, doc.settings, doc.sessions, doc.risk, doc.secrets).Scan(&c.Version)
	if errors.Is(err, sql.ErrNoRows) {
		return pool.ClientNotFound(c.ID)
	}
	if err != nil {
		return fmt.Errorf("save client %s: %w", c.ID, err)
	}
	return nil
}

// DeleteClient removes a client of the pool with its looks and terms; pool.ClientNotFound when there is none.
func (tx *Tx) DeleteClient(p *pool.Pool, id string) error {
	tx.changed.client(id)
	n, err := tx.exec(`delete from clients where pool_id = $1 and client_id = $2`, p.ID, id)
	if err != nil {
		return fmt.Errorf("delete client %s: %w", id, err)
	}
	if n == 0 {
		return pool.ClientNotFound(id)
	}
	for _, table := range []string{"ui_customizations", "login_brandings", "terms"} {
		if _, err := tx.exec(`delete from `+table+` where pool_id = $1 and client_id = $2`, p.ID, id); err != nil {
			return fmt.Errorf("delete %s of client %s: %w", table, id, err)
		}
	}
	return nil
}

// Client loads a client of the pool; pool.ClientNotFound when there is none, also when another pool has it.
func (tx *Tx) Client(p *pool.Pool, id string) (*pool.Client, error) {
	stored, err := scanClient(tx.queryRow(selectClient+`where pool_id = $1 and client_id = $2`, p.ID, id))
	if errors.Is(err, sql.ErrNoRows) {
		return nil, pool.ClientNotFound(id)
	}
	if err != nil {
		return nil, err
	}
	return stored.decode(p)
}

// Clients lists the pool's clients by id, those after the given one ("" for the first), at most limit (0 for all).
func (tx *Tx) Clients(p *pool.Pool, after string, limit int) ([]*pool.Client, error) {
	return collect(tx.query(selectClient+`where pool_id = $1 and client_id > $2 order by client_id limit cast($3 as bigint)`, p.ID, after, rowLimit(limit)), func(r scanner) (*pool.Client, error) {
		stored, err := scanClient(r)
		if err != nil {
			return nil, err
		}
		return stored.decode(p)
	})
}

// clientRow is a client as it is stored; its secrets open with the key of its pool.
type clientRow struct {
	poolID, id        string
	version           int64
	settings, secrets []byte
	sessions, risk    []byte
}

func scanClient(r scanner) (c clientRow, err error) {
	return c, r.Scan(&c.poolID, &c.id, &c.version, &c.settings, &c.sessions, &c.risk, &c.secrets)
}

func (c clientRow) decode(p *pool.Pool) (*pool.Client, error) {
	out := &pool.Client{PoolID: c.poolID, ID: c.id, Version: c.version}
	var err error
	out.Risk, err = decodeOptional[wire.RiskConfigurationType](clientDocument(p, c.id, "risk"), c.risk)
	err = errors.Join(err, clientDocument(p, c.id, "settings").decode(c.settings, &out.Settings),
		clientDocument(p, c.id, "sessions").decode(c.sessions, &out.Sessions))
	if err != nil {
		return nil, fmt.Errorf("load client %s: %w", c.id, err)
	}
	if c.secrets == nil {
		return out, nil
	}
	plain, err := c.openSecrets(p)
	if err != nil {
		return nil, err
	}
	if err := wire.Unmarshal(plain, &out.Secrets); err != nil {
		return nil, fmt.Errorf("load client %s: %w", c.id, err)
	}
	return out, nil
}

// openSecrets returns the JSON of the client's secrets.
func (c clientRow) openSecrets(p *pool.Pool) ([]byte, error) {
	plain, err := p.Key.Open(c.secrets, c.poolID, "clients", c.id, "secrets")
	if err != nil {
		return nil, fmt.Errorf("open secrets of client %s: %w", c.id, err)
	}
	return plain, nil
}

func clientDocument(p *pool.Pool, id, column string) document {
	return documentOf(p, "clients", id, column)
}

// clientDocuments are the columns of a client that are documents.
type clientDocuments struct {
	settings, sessions, risk string
	secrets                  []byte // sealed as a whole; nil when there are none
}

// encodeClient returns the documents of the client, which replace the old ones.
func encodeClient(p *pool.Pool, c *pool.Client, old clientRow) (doc clientDocuments, err error) {
	shown := c.Settings
	shown.ClientSecret = "" // one of c.Secrets
	if doc.settings, err = clientDocument(p, c.ID, "settings").encode(shown, string(old.settings)); err != nil {
		return doc, err
	}
	if doc.sessions, err = clientDocument(p, c.ID, "sessions").encode(c.Sessions, string(old.sessions)); err != nil {
		return doc, err
	}
	if doc.risk, err = encodeOptional(clientDocument(p, c.ID, "risk"), c.Risk, string(old.risk)); err != nil {
		return doc, err
	}
	if len(c.Secrets) == 0 {
		return doc, nil
	}
	var before []byte
	if old.secrets != nil {
		if before, err = old.openSecrets(p); err != nil {
			return doc, err
		}
	}
	plain, err := wire.EncodeStored(c.Secrets, before, nil)
	if err != nil {
		return doc, err
	}
	doc.secrets = p.Key.Seal(plain, p.ID, "clients", c.ID, "secrets")
	return doc, nil
}
