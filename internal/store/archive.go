package store

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/cenote-id/cenote/internal/identity"
	"github.com/cenote-id/cenote/internal/seal"
)

// ArchiveOldest is the oldest schema whose rows can be restored by this program. Columns and tables that an archive lacks have the defaults
// of their migrations; a migration that changes rows which are there raises this number to its own.
const ArchiveOldest = 1

// Column is a column of an archived table.
type Column struct {
	Name string     `json:"name"`
	Type ColumnType `json:"type"`
}

// ColumnType is the type of a column's values, the same for both databases: a boolean is 0 or 1.
type ColumnType string

// The types: a string, an int64, a []byte. Any value may be nil.
const (
	TextColumn  ColumnType = "text"
	IntColumn   ColumnType = "int"
	BytesColumn ColumnType = "bytes"
)

// archivePools and archiveIdentityPools are the tables that make a pool or an identity pool visible, and sealedKey the column of the first one
// that the master key wraps.
const (
	archivePools         = "pools"
	archiveIdentityPools = "identity_pools"
	sealedKey            = "data_key"
)

// left are tables of a pool whose rows concern the server that wrote them alone.
var left = []string{"log_records", "user_imports", "user_import_parts", "user_import_logs"}

// ArchiveTables are the tables whose rows make up a pool or an identity pool, the one that makes it visible last.
func ArchiveTables(poolID string) []string {
	if identity.IsID(poolID) {
		return []string{"pool_identities", "pool_identity_logins", archiveIdentityPools}
	}
	tables := slices.DeleteFunc(pooledTables(), func(table string) bool { return slices.Contains(left, table) })
	return append(tables, archivePools)
}

// Makes reports whether a table is the one that makes a pool or an identity pool visible, by its only row.
func Makes(table string) bool { return table == archivePools || table == archiveIdentityPools }

// poolColumn is the column of a table with the id of the pool or identity pool.
func poolColumn(table string) string {
	for _, sw := range identified {
		if sw.table == table {
			return "identity_pool_id"
		}
	}
	if table == archiveIdentityPools {
		return "identity_pool_id"
	}
	return "pool_id"
}

// columns are the columns of a table but the pool's id, with their names in the database. Booleans are told apart.
func (tx *Tx) columns(table string) (all []Column, booleans []bool, err error) {
	r := tx.query("select * from " + table + " limit 0")
	if r.err != nil {
		return nil, nil, r.err
	}
	defer r.close()
	kinds, err := r.sql.ColumnTypes()
	if err != nil {
		return nil, nil, tx.fail(err)
	}
	for _, k := range kinds {
		if k.Name() == poolColumn(table) {
			continue
		}
		c := Column{Name: k.Name()}
		switch k.DatabaseTypeName() {
		case "TEXT":
			c.Type = TextColumn
		case "INTEGER", "INT8", "BOOL":
			c.Type = IntColumn
		case "BLOB", "BYTEA":
			c.Type = BytesColumn
		default:
			return nil, nil, fmt.Errorf("column %s of %s has type %s", c.Name, table, k.DatabaseTypeName())
		}
		all, booleans = append(all, c), append(booleans, k.DatabaseTypeName() == "BOOL")
	}
	return all, booleans, r.tx.fail(r.sql.Err())
}

// CountRows counts the rows that Archive passes on.
func (tx *Tx) CountRows(table, poolID string) (n int64, err error) {
	return n, tx.queryRow(`select count(*) from `+table+` where `+poolColumn(table)+` = $1`, poolID).Scan(&n)
}

// Archive passes on the rows of a pool in a table, as they are stored: what is sealed stays so. Only the pool's data key, which is in the
// row of the pool, is handed over to another master. begin gets the columns; each row has a string, an int64, a []byte or nil for each
// of them, and is valid until the next one.
func (tx *Tx) Archive(table, poolID string, to *seal.Master, begin func([]Column) error, row func([]any) error) error {
	columns, _, err := tx.columns(table)
	if err != nil {
		return err
	}
	if err := begin(columns); err != nil {
		return err
	}
	names := make([]string, len(columns))
	values, fields := make([]any, len(columns)), make([]any, len(columns))
	for i, c := range columns {
		names[i], fields[i] = c.Name, &values[i]
	}
	r := tx.query("select "+strings.Join(names, ", ")+" from "+table+" where "+poolColumn(table)+" = $1", poolID)
	if r.err != nil {
		return r.err
	}
	defer r.close()
	for r.sql.Next() {
		if err := tx.ctx.Err(); err != nil {
			return tx.fail(err)
		}
		if err := r.sql.Scan(fields...); err != nil {
			return tx.fail(err)
		}
		for i, v := range values {
			if b, ok := v.(bool); ok {
				values[i] = int64(0)
				if b {
					values[i] = int64(1)
				}
			}
			if table == archivePools && names[i] == sealedKey {
				if values[i], err = tx.handOver(v, to); err != nil {
					return fmt.Errorf("pool %s: %w", poolID, err)
				}
			}
		}
		if err := row(values); err != nil {
			return err
		}
	}
	return tx.fail(r.sql.Err())
}

func (tx *Tx) handOver(wrapped any, to *seal.Master) ([]byte, error) {
	if tx.store.master == nil {
		return nil, ErrNoMaster
	}
	b, _ := wrapped.([]byte)
	return tx.store.master.HandOver(b, to)
}

// restoreRows is how many rows one statement writes.
const restoreRows = 32

// RestoreRows writes rows that Archive has passed on, under the pool's id. The data key in the row of a pool is handed over from the
// given master. It answers a *TakenError when a row of another pool is in the way.
func (tx *Tx) RestoreRows(table, poolID string, columns []Column, rows [][]any, from *seal.Master) error {
	known, booleans, err := tx.columns(table)
	if err != nil {
		return err
	}
	var names strings.Builder
	isBool := make([]bool, len(columns))
	for i, c := range columns {
		at := slices.Index(known, c)
		if at < 0 {
			return fmt.Errorf("there is no column %s of type %s in %s", c.Name, c.Type, table)
		}
		isBool[i] = booleans[at]
		names.WriteString(", " + c.Name)
	}
	for chunk := range slices.Chunk(rows, restoreRows) {
		args := []any{poolID}
		var b strings.Builder
		b.WriteString("insert into " + table + " (" + poolColumn(table) + names.String() + ") values ")
		for i, row := range chunk {
			if i > 0 {
				b.WriteString(", ")
			}
			b.WriteString("($1")
			for j, v := range row {
				if isBool[j] {
					v = v != int64(0)
				}
				if table == archivePools && columns[j].Name == sealedKey {
					if v, err = tx.takeOver(v, from); err != nil {
						return fmt.Errorf("pool %s: %w", poolID, err)
					}
				}
				args = append(args, v)
				b.WriteString(", $" + strconv.Itoa(len(args)))
			}
			b.WriteString(")")
		}
		if _, err := tx.exec(b.String(), args...); err != nil {
			if uniqueTable(err) != "" {
				return &TakenError{PoolID: poolID, Table: table}
			}
			return fmt.Errorf("restore %s: %w", table, err)
		}
	}
	if table != archivePools || len(rows) == 0 {
		return nil
	}
	wrapped, err := tx.wrappedKey(poolID)
	if err != nil {
		return err
	}
	return tx.noteDataKey(tx.store.master, poolID, wrapped)
}

func (tx *Tx) takeOver(wrapped any, from *seal.Master) ([]byte, error) {
	if tx.store.master == nil {
		return nil, ErrNoMaster
	}
	b, _ := wrapped.([]byte)
	return from.HandOver(b, tx.store.master)
}

// TakenError says that a pool cannot be restored, because what it would bring exists.
type TakenError struct {
	PoolID string
	Table  string // in which it exists; that which makes the pool for the pool itself
	Value  string // what exists, where that is known
}

func (e *TakenError) Error() string {
	switch e.Table {
	case archivePools:
		return fmt.Sprintf("pool %s exists", e.PoolID)
	case archiveIdentityPools:
		return fmt.Sprintf("identity pool %s exists", e.PoolID)
	case "pool_identities":
		return fmt.Sprintf("identity pool %s has an identity that exists in another pool: %s", e.PoolID, e.Value)
	case "clients":
		return fmt.Sprintf("pool %s has an app client that exists in another pool: %s", e.PoolID, e.Value)
	case "domains":
		return fmt.Sprintf("pool %s has a domain that exists in another pool: %s", e.PoolID, e.Value)
	}
	return fmt.Sprintf("pool %s brings rows of %s that exist", e.PoolID, e.Table)
}

// unique are the columns whose values belong to one pool of the server.
var unique = map[string]string{"clients": "client_id", "domains": "domain", "pool_identities": "identity_id"}

// UniqueColumn is the column of a table whose values belong to one pool of the server; "" where there is none.
func UniqueColumn(table string) string { return unique[table] }

// WantFree answers a *TakenError when the value of the table's UniqueColumn exists.
func (tx *Tx) WantFree(table, poolID, value string) error {
	n, err := collect(tx.query(`select 1 from `+table+` where `+unique[table]+` = $1`, value), func(r scanner) (one int, err error) { return one, r.Scan(&one) })
	if err == nil && len(n) > 0 {
		return &TakenError{PoolID: poolID, Table: table, Value: value}
	}
	return err
}
