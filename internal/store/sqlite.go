package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/pressly/goose/v3"
	"modernc.org/sqlite" // also registers the driver
	sqlite3 "modernc.org/sqlite/lib"
)

// sqliteTokens complete the schema. STRICT tables know only these types, and refuse a value of another. Text compares by byte.
var sqliteTokens = tokens{
	"key":       "text",
	"int":       "integer",
	"bool":      "integer",
	"bytes":     "blob",
	"strict":    "strict",
	"clustered": "strict, without rowid",
}

// Connection settings. The cache is what a connection may hold in memory; the file itself is cached by the kernel, and is not
// mapped, because mapped pages count as resident memory. In WAL mode each commit of another connection empties a reader's cache anyway.
const (
	fewestReaders = 2 // and as many as there are processors, up to mostReaders
	mostReaders   = 8
	writerBusy    = time.Second      // how long one try to begin waits for another process; the writer tries again itself
	readerBusy    = 10 * time.Second // a reader waits only for recovery and the last close of another process
	writerCache   = 512              // KiB
	bulkCache     = 8192             // KiB, of the writer in a Bulk
	readerCache   = 256              // KiB

	// checkpointPages is how long the log grows before a commit moves its pages into the file and all that write wait for it: SQLite's default, which
	// takes some 20 ms. Four times as many make an import of users 15 % faster, and the wait three times as long.
	checkpointPages = 1000
)

// sqliteEngine keeps one connection for the writer and a few for readers, over one file in WAL mode. Other processes may use the
// file at the same time (`cenote key create` beside a server): SQLite's locks keep them apart.
type sqliteEngine struct {
	writeDB, readDB *sql.DB
	writer          *writer
	file            *sqliteFile
	readOnly        bool
	idle            chan *session // readers at rest
	room            chan struct{} // a token for each reader not opened yet
	closed          chan struct{}
	turns           *turns // nil: the file's own locks are enough
}

func openSQLite(ctx context.Context, o Options, c *counts) (engine, error) {
	path := strings.TrimPrefix(o.Database, "sqlite:")
	if path == "" || strings.HasPrefix(path, ":memory:") || strings.HasPrefix(path, "file:") {
		return nil, fmt.Errorf("%q is not the path of a SQLite file", o.Database)
	}
	file, err := openFile(path, o.AsIs)
	if err == nil && o.Look {
		err = file.writable() // or the look would be fine where a server is not
	}
	if err != nil {
		return nil, err
	}
	return startSQLite(ctx, sqliteDSN(path, false), sqliteDSN(path, true), &sqliteEngine{file: file}, o, c)
}

// startSQLite opens the handles of an engine and brings the schema up to date.
func startSQLite(ctx context.Context, writeDSN, readDSN string, e *sqliteEngine, o Options, c *counts) (_ engine, err error) {
	readers := min(max(fewestReaders, runtime.GOMAXPROCS(0)), mostReaders)
	if o.MaxConns > 0 {
		readers = o.MaxConns
	}
	e.readOnly = o.Look
	e.idle, e.room, e.closed = make(chan *session, readers), make(chan struct{}, readers), make(chan struct{})
	for range readers {
		e.room <- struct{}{}
	}
	if e.writeDB, err = sql.Open("sqlite", writeDSN); err != nil {
		return nil, err
	}
	e.writeDB.SetMaxOpenConns(1)
	if e.readDB, err = sql.Open("sqlite", readDSN); err != nil {
		return nil, errors.Join(err, e.writeDB.Close())
	}
	if err := e.prepare(ctx, writeDSN, o); err != nil {
		return nil, errors.Join(e.file.blame(err), e.readDB.Close(), e.writeDB.Close())
	}
	c.handles = []*sql.DB{e.writeDB, e.readDB}
	e.writer = newWriter(e.writeDB, e.file, o, c)
	e.writer.turns = e.turns
	return e, nil
}

// prepare brings the schema up to date.
func (e *sqliteEngine) prepare(ctx context.Context, dsn string, o Options) error {
	if o.Image != nil {
		if err := e.load(ctx, dsn, o.Image); err != nil {
			return err
		}
	}
	if err := e.wantOurs(ctx); err != nil {
		return err
	}
	sc := schema{
		db: e.writeDB, dialect: goose.DialectSQLite3, tokens: sqliteTokens, has: `select count(*) from sqlite_master where name = $1`, master: o.Master,
	}
	if o.AsIs {
		sc.db = e.readDB // whose connections refuse changes
		return sc.look(ctx, o.Logger)
	}
	return migrate(ctx, sc, o.Logger)
}

// wantOurs refuses the database of another program, by a connection that changes nothing: the writer's would give it a log. A database whose
// first migration was cut off has no table of ours yet.
func (e *sqliteEngine) wantOurs(ctx context.Context) error {
	if e.file == nil {
		return nil
	}
	s, err := openSession(ctx, e.readDB)
	if err != nil {
		return err
	}
	defer s.discard() // it may have read a file without a log, which the writer adds
	var foreign bool
	err = s.conn.QueryRowContext(ctx, `select exists (select 1 from sqlite_master where type = 'table' and name <> 'goose_db_version' and substr(name, 1, 7) <> 'sqlite_')
		and not exists (select 1 from sqlite_master where type = 'table' and name = 'meta')`).Scan(&foreign)
	if err == nil && foreign {
		err = fmt.Errorf("%s: %w", e.file.path, ErrForeign)
	}
	return err
}

func sqliteDSN(path string, reader bool) string {
	busy, cache := writerBusy, writerCache
	q := url.Values{"_txlock": {"immediate"}, "_dqs": {"0"}, "_defensive": {"1"}, "_error_rc": {"1"}}
	if reader {
		busy, cache = readerBusy, readerCache
		q.Set("_query_only", "1")
	} else {
		q.Set("_journal_mode", "WAL")
	}
	q.Set("_busy_timeout", fmt.Sprint(busy.Milliseconds()))
	q.Set("_synchronous", "FULL")
	q.Set("_foreign_keys", "1")
	q["_pragma"] = []string{
		fmt.Sprintf("cache_size(-%d)", cache), "mmap_size(0)", "temp_store(memory)", "trusted_schema(0)",
		fmt.Sprintf("wal_autocheckpoint(%d)", checkpointPages), "journal_size_limit(33554432)", // give disk space back after a burst
	}
	return fileURL(path, q)
}

// fileURL names a file to SQLite. A URL of a file has no relative path.
func fileURL(path string, q url.Values) string {
	if absolute, err := filepath.Abs(path); err == nil { // fails without a working directory, and then SQLite does not find the file
		path = absolute
	}
	name := filepath.ToSlash(path)
	if !strings.HasPrefix(name, "/") {
		name = "/" + name // C:/...
	}
	return "file:" + (&url.URL{Path: name}).EscapedPath() + "?" + q.Encode()
}

func openSession(ctx context.Context, db *sql.DB) (*session, error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	return &session{conn: conn, prepared: make(map[string]*sql.Stmt)}, nil
}

func (e *sqliteEngine) view(ctx context.Context, alone bool, fn func(*Tx) error) error {
	s, err := e.acquire(ctx)
	if err != nil {
		return err
	}
	e.turns.read()
	defer e.turns.endRead()
	run := context.WithoutCancel(ctx)
	tx := &Tx{transaction: &transaction{ctx: ctx, run: run, session: s, unique: sqliteUnique, readOnly: true}}
	if alone {
		defer e.release(nil, s)
		return tx.call(fn)
	}
	if _, err := s.exec(run, "begin"); err != nil {
		e.release(err, s)
		return fmt.Errorf("begin view: %w", err)
	}
	defer func() {
		_, err := s.exec(run, "rollback")
		e.release(err, s)
	}()
	return tx.call(fn)
}

// acquire takes a reader at rest, opens one while there is room, or waits for one.
func (e *sqliteEngine) acquire(ctx context.Context) (*session, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	select {
	case <-e.closed:
		return nil, ErrClosed
	case s := <-e.idle: // rather than opening another
		return s, nil
	default:
	}
	select {
	case <-e.closed:
		return nil, ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	case s := <-e.idle:
		return s, nil
	case <-e.room:
	}
	s, err := openSession(context.WithoutCancel(ctx), e.readDB)
	if err != nil {
		e.room <- struct{}{}
		return nil, fmt.Errorf("open reader: %w", err)
	}
	return s, nil
}

// release puts the reader to rest, or closes it when its transaction did not end as it should.
func (e *sqliteEngine) release(failed error, s *session) {
	if failed == nil {
		e.idle <- s
		return
	}
	s.discard()
	e.room <- struct{}{}
}

func (e *sqliteEngine) update(ctx context.Context, k kind, fn func(*Tx) error) error {
	if e.readOnly {
		return errReadOnly
	}
	return e.writer.update(ctx, k, fn)
}

// ping reads, and makes sure that the file can be written.
func (e *sqliteEngine) ping(ctx context.Context) error {
	if err := errors.Join(e.file.inPlace(), e.file.hasRoom()); err != nil {
		return err
	}
	return e.view(ctx, true, func(tx *Tx) error {
		var one int
		return tx.queryRow(`select 1`).Scan(&one)
	})
}

func (e *sqliteEngine) close() error {
	if !e.writer.stop() {
		return nil // closed before
	}
	close(e.closed)
	var errs []error
	for range cap(e.room) {
		select {
		case <-e.room:
		case s := <-e.idle:
			errs = append(errs, s.close())
		}
	}
	return errors.Join(append(errs, e.readDB.Close(), e.writeDB.Close())...)
}

func sqliteUnique(err error) (table string, ok bool) {
	e, ok := errors.AsType[*sqlite.Error](err)
	if !ok || (e.Code() != sqlite3.SQLITE_CONSTRAINT_UNIQUE && e.Code() != sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY) {
		return "", false
	}
	// "... UNIQUE constraint failed: table.column, table.column (2067)"
	_, columns, _ := strings.Cut(e.Error(), "UNIQUE constraint failed: ")
	table, _, _ = strings.Cut(columns, ".")
	return table, true
}

// isBusy reports whether another process holds the lock.
func isBusy(err error) bool {
	e, ok := errors.AsType[*sqlite.Error](err)
	return ok && e.Code()&0xff == sqlite3.SQLITE_BUSY
}

// isDiskFull reports whether there was no room for what was to be written.
func isDiskFull(err error) bool {
	e, ok := errors.AsType[*sqlite.Error](err)
	return ok && e.Code()&0xff == sqlite3.SQLITE_FULL
}

// isDiskError reports whether reading or writing the file failed, after which nobody knows what is on the disk.
func isDiskError(err error) bool {
	e, ok := errors.AsType[*sqlite.Error](err)
	return ok && e.Code()&0xff == sqlite3.SQLITE_IOERR
}
