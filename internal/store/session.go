package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
)

// maxPrepared bounds the statements kept per SQLite connection. The SQL of this package is constant text, well below it.
const maxPrepared = 512

// session is one connection held for one transaction at a time.
//
// On SQLite it also keeps the prepared statements: database/sql prepares again on each call otherwise, which makes a read
// more than twice as dear (14 against 33 µs). pgx keeps its own.
type session struct {
	conn     *sql.Conn
	prepared map[string]*sql.Stmt // nil: the driver keeps them
}

func (s *session) exec(ctx context.Context, query string, args ...any) (sql.Result, error) {
	stmt, err := s.prepare(ctx, query) //nolint:sqlclosecheck // kept for the life of the session
	if err != nil {
		return nil, err
	}
	if stmt == nil {
		return s.conn.ExecContext(ctx, query, args...)
	}
	return stmt.ExecContext(ctx, args...)
}

func (s *session) query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	stmt, err := s.prepare(ctx, query) //nolint:sqlclosecheck // kept for the life of the session
	if err != nil {
		return nil, err
	}
	if stmt == nil {
		return s.conn.QueryContext(ctx, query, args...)
	}
	return stmt.QueryContext(ctx, args...)
}

// prepare returns the kept statement for the query, or nil when it is to be run without one.
func (s *session) prepare(ctx context.Context, query string) (*sql.Stmt, error) {
	if s.prepared == nil {
		return nil, nil
	}
	if stmt := s.prepared[query]; stmt != nil || len(s.prepared) >= maxPrepared {
		return stmt, nil
	}
	stmt, err := s.conn.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	s.prepared[query] = stmt
	return stmt, nil
}

// close gives the connection back to its handle.
func (s *session) close() error {
	for _, stmt := range s.prepared {
		_ = stmt.Close() // the connection frees what is left
	}
	return s.conn.Close()
}

// discard closes the connection itself: whatever is wrong with it must not meet the next transaction.
func (s *session) discard() {
	for _, stmt := range s.prepared {
		_ = stmt.Close()
	}
	_ = s.conn.Raw(func(any) error { return driver.ErrBadConn })
}
