package store

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/cenote-id/cenote/internal/fault"
)

var (
	errEnded    = errors.New("transaction used after its function returned")
	errReadOnly = errors.New("write in a View")
	errUnread   = errors.New("statement while the rows of another one are not read")
)

// Tx is a running transaction; rows are reached through its methods. It carries the context of its function, is for that one
// goroutine, and is dead when the function returns.
//
// The first failed statement ends it: later ones answer the same error and nothing is committed. PostgreSQL works like that, and
// SQLite is held to it. So use "on conflict" where a conflict is expected.
type Tx struct {
	*transaction
	unopened bool // it loads users without their passwords
}

// transaction is what a Tx shares with the one that WithoutPasswords returns.
type transaction struct {
	ctx      context.Context // the caller's: asked before each statement and row
	run      context.Context // what the driver gets; on SQLite it never ends, because an interrupted write loses the whole batch
	session  *session
	unique   func(error) (table string, ok bool)
	readOnly bool
	store    *Store
	changed  *changes          // of what is cached; nil in a View
	repairs  *[]repair         // rows to bring back from the future
	reading  *sql.Rows         // the rows of a query, until they are read
	wrote    bool              // a statement has changed something, or may have
	made     map[string]string // ids, by member of the API; nil unless a witness asks
	failed   error             // the first failed statement: none may follow and nothing may be committed
	ended    bool              // fn has returned
}

// call runs fn and says why the transaction must not be committed. The Tx is dead afterwards.
func (tx *Tx) call(fn func(*Tx) error) error {
	defer func() {
		tx.ended = true
		if tx.reading != nil {
			_ = tx.reading.Close() // or the connection stays busy
		}
	}()
	if err := fn(tx); err != nil {
		return err
	}
	return tx.failed
}

// exec runs a statement and returns the number of rows it changed.
func (tx *Tx) exec(query string, args ...any) (int64, error) {
	if tx.readOnly {
		return 0, tx.fail(errReadOnly)
	}
	if err := tx.ready(args); err != nil {
		return 0, err
	}
	res, err := tx.session.exec(tx.run, query, args...)
	if err != nil {
		return 0, tx.fail(err)
	}
	n, err := res.RowsAffected()
	tx.wrote = tx.wrote || n > 0
	return n, tx.fail(err)
}

// query runs a statement that answers rows; pass the result straight to collect.
func (tx *Tx) query(query string, args ...any) *rows {
	if err := tx.ready(args); err != nil {
		return &rows{tx: tx, err: err}
	}
	if !strings.HasPrefix(query, "select ") {
		tx.wrote = true
	}
	r, err := tx.session.query(tx.run, query, args...) //nolint:rowserrcheck // collect asks
	if err == nil {
		tx.reading = r
	}
	return &rows{tx: tx, sql: r, err: tx.fail(err)}
}

// queryRow runs a statement that answers at most one row. Its Scan answers sql.ErrNoRows when there is none, which does not end
// the transaction.
func (tx *Tx) queryRow(query string, args ...any) row {
	return row{rows: tx.query(query, args...)}
}

// ready says whether a statement with these arguments may run.
func (tx *Tx) ready(args []any) error {
	if tx.ended {
		return errEnded
	}
	if tx.failed != nil {
		return tx.failed
	}
	if tx.reading != nil {
		return tx.fail(errUnread)
	}
	if err := tx.ctx.Err(); err != nil {
		return tx.fail(err)
	}
	for _, a := range args {
		if s, ok := a.(string); ok && !isText(s) {
			// PostgreSQL refuses such text and SQLite takes it; the caller hears the same from both, and no internal error.
			return tx.fail(fault.New(fault.InvalidParameter, "Text must be valid UTF-8 without null characters."))
		}
	}
	return nil
}

// isText reports whether databases can keep the text.
func isText(s string) bool { return strings.IndexByte(s, 0) < 0 && utf8.ValidString(s) }

// fail notes the error, if it is one, as the end of the transaction and returns it, marked when it is a unique violation.
func (tx *Tx) fail(err error) error {
	if err == nil {
		return nil
	}
	if table, ok := tx.unique(err); ok {
		err = &uniqueError{table: table, err: err}
	}
	if tx.failed == nil {
		tx.failed = err
	}
	return err
}

// scanner is one row, for functions that read it into a value: a row and the rows of collect are scanners.
type scanner interface {
	Scan(dest ...any) error
}

type rows struct {
	tx  *Tx
	sql *sql.Rows
	err error
}

func (r *rows) close() {
	_ = r.sql.Close() // its error has been told by Err
	r.tx.reading = nil
}

type row struct{ rows *rows }

// Scan copies the row's columns into dest and ends the query.
func (r row) Scan(dest ...any) error {
	tx, rs := r.rows.tx, r.rows.sql
	if r.rows.err != nil {
		return r.rows.err
	}
	defer r.rows.close()
	if !rs.Next() {
		if err := rs.Err(); err != nil {
			return tx.fail(err)
		}
		return sql.ErrNoRows
	}
	if err := rs.Scan(dest...); err != nil {
		return tx.fail(err)
	}
	rs.Next() // an error may follow the row, such as a conflict found at the end of the statement
	return tx.fail(rs.Err())
}

// collect reads all rows of a query with scan. No rows are an empty, nil slice.
//
//	users, err := collect(tx.query(`select ...`, poolID), scanUser)
func collect[T any](r *rows, scan func(scanner) (T, error)) ([]T, error) {
	if r.err != nil {
		return nil, r.err
	}
	defer r.close()
	var all []T
	for r.sql.Next() {
		if err := r.tx.ctx.Err(); err != nil {
			return nil, r.tx.fail(err)
		}
		v, err := scan(r.sql)
		if err != nil {
			return nil, r.tx.fail(err)
		}
		all = append(all, v)
	}
	return all, r.tx.fail(r.sql.Err())
}

// uniqueError is a statement refused because a row with the same key exists.
type uniqueError struct {
	table string // the table that holds the row
	err   error  // the driver's
}

func (e *uniqueError) Error() string { return e.err.Error() }
func (e *uniqueError) Unwrap() error { return e.err }

// uniqueTable returns the name of the table whose constraint was violated, or "". Constraint names are not asked for: SQLite does
// not tell them.
func uniqueTable(err error) string {
	if e, ok := errors.AsType[*uniqueError](err); ok {
		return e.table
	}
	return ""
}
