package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"sync"

	"modernc.org/sqlite"
)

// Memory is the Database of a store that lives in memory and ends with Close: for tests.
const Memory = "memory:"

// memoryDSN names a database in memory. SQLite's own file system for them shares a name that begins with a slash among the connections
// of a process.
func memoryDSN(name string, reader bool) string {
	q := url.Values{"vfs": {"memdb"}, "_txlock": {"immediate"}, "_dqs": {"0"}, "_defensive": {"1"}, "_error_rc": {"1"}, "_foreign_keys": {"1"}}
	q["_pragma"] = []string{"temp_store(memory)", "trusted_schema(0)"}
	if reader {
		q.Set("_query_only", "1")
	}
	return "file:/" + name + "?" + q.Encode()
}

func openMemory(ctx context.Context, o Options, c *counts) (engine, error) {
	name := "cenote-" + rand.Text()
	return startSQLite(ctx, memoryDSN(name, false), memoryDSN(name, true), &sqliteEngine{turns: new(turns)}, o, c)
}

// driverConn is what the driver offers of a connection.
type driverConn interface {
	Serialize() ([]byte, error)
	Deserialize(image []byte) error
	NewBackup(uri string) (*sqlite.Backup, error)
}

// Image returns the whole database, to begin other stores in memory with. Only a store in memory has one.
func (s *Store) Image(ctx context.Context) (image []byte, err error) {
	e, ok := s.engine.(*sqliteEngine)
	if !ok || e.turns == nil {
		return nil, errors.New("only a database in memory has an image")
	}
	e.turns.read()
	defer e.turns.endRead()
	err = withConn(ctx, e.readDB, func(c driverConn) (err error) {
		image, err = c.Serialize()
		return err
	})
	return image, err
}

// load fills the database in memory with an image.
func (e *sqliteEngine) load(ctx context.Context, dsn string, image []byte) error {
	if err := e.writeDB.PingContext(ctx); err != nil { // from its first connection on, the database lives
		return err
	}
	db, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		return err
	}
	err = withConn(ctx, db, func(c driverConn) error {
		if err := c.Deserialize(image); err != nil {
			return err
		}
		copying, err := c.NewBackup(dsn)
		if err != nil {
			return err
		}
		_, err = copying.Step(-1)
		return errors.Join(err, copying.Finish())
	})
	if err := errors.Join(err, db.Close()); err != nil {
		return fmt.Errorf("load image: %w", err)
	}
	return nil
}

func withConn(ctx context.Context, db *sql.DB, use func(driverConn) error) error {
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	return errors.Join(conn.Raw(func(c any) error { return use(c.(driverConn)) }), conn.Close())
}

// turns keep readers and the writer of a database in memory apart, which has no log to read beside. Nil turns let everybody through.
type turns struct{ lock sync.RWMutex }

func (t *turns) read() {
	if t != nil {
		t.lock.RLock()
	}
}

func (t *turns) endRead() {
	if t != nil {
		t.lock.RUnlock()
	}
}

func (t *turns) write() {
	if t != nil {
		t.lock.Lock()
	}
}

func (t *turns) endWrite() {
	if t != nil {
		t.lock.Unlock()
	}
}
