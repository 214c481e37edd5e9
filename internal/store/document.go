package store

import (
	"database/sql"
	"errors"
	"fmt"

	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/seal"
	"github.com/cenote-id/cenote/internal/wire"
)

// document is a column that holds a JSON document of a pool: what is configured, in the shape in which the API shows it. All documents
// are written and read here, so that two things hold for each of them: what the model marks as sensitive is sealed under the pool's data
// key, and what a newer version of cenote has stored survives a change by this one.
type document struct {
	key   *seal.Key
	place []string // pool, table, row, column
}

// documentOf returns the document in a column of the pool's row with the key.
func documentOf(p *pool.Pool, table, row, column string) document {
	return document{p.Key, []string{p.ID, table, row, column}}
}

// encode returns the text of a value that replaces the text old, "" for none.
func (d document) encode(v any, old string) (string, error) {
	text, err := wire.EncodeStored(v, []byte(old), d)
	if err != nil {
		return "", fmt.Errorf("encode %v: %w", d.place[1:], err)
	}
	return string(text), nil
}

// decode reads a text into the pointer v.
func (d document) decode(text []byte, v any) error {
	if err := wire.DecodeStored(text, v, d); err != nil {
		return fmt.Errorf("decode %v: %w", d.place[1:], err)
	}
	return nil
}

// encodeOptional returns the text of a value that may be absent, "" when it is.
func encodeOptional[V any](d document, v *V, old string) (string, error) {
	if v == nil {
		return "", nil
	}
	return d.encode(v, old)
}

// decodeOptional reads what encodeOptional returned.
func decodeOptional[V any](d document, text []byte) (*V, error) {
	if len(text) == 0 {
		return nil, nil
	}
	v := new(V)
	return v, d.decode(text, v)
}

// text returns the document that a statement finds, which is about to be replaced; "" when there is none.
func (tx *Tx) text(query string, args ...any) (text string, err error) {
	err = tx.queryRow(query, args...).Scan(&text)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil // the statement that replaces it tells
	}
	return text, err
}

// Seal implements wire.Sealer.
func (d document) Seal(plain []byte, path string) []byte {
	return d.key.Seal(plain, d.at(path)...)
}

// Open implements wire.Sealer.
func (d document) Open(sealed []byte, path string) ([]byte, error) {
	return d.key.Open(sealed, d.at(path)...)
}

func (d document) at(path string) []string { return append(d.place[:len(d.place):len(d.place)], path) }
