package store

import (
	"database/sql"
	"errors"
)

// ErrExists answers AddMeta when the name is taken.
var ErrExists = errors.New("already exists")

// Meta returns the server-wide value kept under name, and whether there is one. Names that begin with "schema." belong to
// the migrations.
func (tx *Tx) Meta(name string) (value string, found bool, err error) {
	err = tx.queryRow(`select value from meta where name = $1`, name).Scan(&value)
	if errors.Is(err, sql.ErrNoRows) {
		return "", false, nil
	}
	return value, err == nil, err
}

// MetaNames lists, in byte order, the names that begin with prefix.
func (tx *Tx) MetaNames(prefix string) ([]string, error) {
	from, to := prefixRange(prefix)
	return collect(tx.query(`select name from meta where name >= $1 and name < $2 order by name`, from, to),
		func(r scanner) (name string, err error) { return name, r.Scan(&name) })
}

// AddMeta keeps a value that must not exist yet; ErrExists when it does, as when two nodes start at once on an empty database. The
// transaction goes on.
func (tx *Tx) AddMeta(name, value string) error {
	n, err := tx.exec(`insert into meta (name, value) values ($1, $2) on conflict (name) do nothing`, name, value)
	if err == nil && n == 0 {
		return ErrExists
	}
	return err
}

// SetMeta keeps a value, in place of the one before it.
func (tx *Tx) SetMeta(name, value string) error {
	_, err := tx.exec(`insert into meta (name, value) values ($1, $2) on conflict (name) do update set value = excluded.value`, name, value)
	return err
}
