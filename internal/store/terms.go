package store

import (
	"database/sql"
	"errors"
	"fmt"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/pool"
)

// selectTerms begins every statement that loads terms; scanTerms reads its rows.
const selectTerms = `select terms_id, settings from terms `

// InsertTerms stores a new document; pool.TermsExist when the client has one of the kind.
func (tx *Tx) InsertTerms(p *pool.Pool, t *pool.Terms) error {
	doc, err := termsDocument(p, t.ID).encode(t.Settings, "")
	if err != nil {
		return err
	}
	n, err := tx.exec(`insert into terms (pool_id, client_id, name, terms_id, settings) values ($1, $2, $3, $4, $5)
		on conflict (pool_id, client_id, name) do nothing`, p.ID, t.Settings.ClientId, t.Settings.TermsName, t.ID, doc)
	if err != nil {
		return fmt.Errorf("insert terms: %w", err)
	}
	if n == 0 {
		return pool.TermsExist(t.Settings.ClientId, t.Settings.TermsName)
	}
	tx.makes("TermsId", t.ID)
	return nil
}

// Terms loads a document by its id; pool.TermsNotFound when there is none.
func (tx *Tx) Terms(p *pool.Pool, id string) (*pool.Terms, error) {
	return oneTerms(p, tx.queryRow(selectTerms+`where pool_id = $1 and terms_id = $2`, p.ID, id))
}

// TermsOf loads the document of a kind of a client; pool.TermsNotFound when it has none.
func (tx *Tx) TermsOf(p *pool.Pool, clientID, name string) (*pool.Terms, error) {
	return oneTerms(p, tx.queryRow(selectTerms+`where pool_id = $1 and client_id = $2 and name = $3`, p.ID, clientID, name))
}

// SaveTerms stores a document that was loaded in this transaction; pool.TermsExist when the client has another one of the kind,
// pool.TermsNotFound when it is gone.
func (tx *Tx) SaveTerms(p *pool.Pool, t *pool.Terms) error {
	same, err := tx.TermsOf(p, t.Settings.ClientId, t.Settings.TermsName)
	switch {
	case err == nil && same.ID != t.ID:
		return pool.TermsExist(t.Settings.ClientId, t.Settings.TermsName)
	case err != nil && !fault.Is(err, fault.ResourceNotFound):
		return err
	}
	old, err := tx.text(`select settings from terms where pool_id = $1 and terms_id = $2`, p.ID, t.ID)
	if err != nil {
		return err
	}
	doc, err := termsDocument(p, t.ID).encode(t.Settings, old)
	if err != nil {
		return err
	}
	n, err := tx.exec(`update terms set name = $3, settings = $4 where pool_id = $1 and terms_id = $2`, p.ID, t.ID, t.Settings.TermsName, doc)
	if err != nil {
		return fmt.Errorf("save terms: %w", err)
	}
	if n == 0 {
		return pool.TermsNotFound()
	}
	return nil
}

// DeleteTerms removes a document; pool.TermsNotFound when there is none.
func (tx *Tx) DeleteTerms(poolID, id string) error {
	n, err := tx.exec(`delete from terms where pool_id = $1 and terms_id = $2`, poolID, id)
	if err != nil {
		return fmt.Errorf("delete terms: %w", err)
	}
	if n == 0 {
		return pool.TermsNotFound()
	}
	return nil
}

// PoolTerms lists a pool's documents by id, those after the given one ("" for the first), at most limit (0 for all).
func (tx *Tx) PoolTerms(p *pool.Pool, after string, limit int) ([]*pool.Terms, error) {
	return collect(tx.query(selectTerms+`where pool_id = $1 and terms_id > $2 order by terms_id limit cast($3 as bigint)`, p.ID, after, rowLimit(limit)), scanTerms(p))
}

// CountTerms counts the documents of a pool.
func (tx *Tx) CountTerms(poolID string) (n int64, err error) {
	return n, tx.queryRow(`select count(*) from terms where pool_id = $1`, poolID).Scan(&n)
}

// oneTerms reads the only row of selectTerms, or answers pool.TermsNotFound.
func oneTerms(p *pool.Pool, r row) (*pool.Terms, error) {
	t, err := scanTerms(p)(r)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, pool.TermsNotFound()
	}
	return t, err
}

// scanTerms returns the function that reads a document of the pool.
func scanTerms(p *pool.Pool) func(scanner) (*pool.Terms, error) {
	return func(r scanner) (*pool.Terms, error) {
		t := &pool.Terms{PoolID: p.ID}
		var doc []byte
		if err := r.Scan(&t.ID, &doc); err != nil {
			return nil, err
		}
		return t, termsDocument(p, t.ID).decode(doc, &t.Settings)
	}
}

func termsDocument(p *pool.Pool, id string) document {
	return documentOf(p, "terms", id, "settings")
}
