package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"time"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/seal"
	"github.com/cenote-id/cenote/internal/tracing"
)

// ErrClosed answers a View or Update on a store that is closed.
var ErrClosed = errors.New("store is closed")

// ErrUnknownOutcome says that the disk failed while the change was being committed, or that the connection did and the outcome could not
// be found out within RetryFor: the change may have survived or not. Whoever asked must read back before trying again.
var ErrUnknownOutcome = errors.New("outcome of the commit is unknown")

// ErrEmpty answers Open with Options.AsIs on a database without a schema, or without a file.
var ErrEmpty = errors.New("the database is empty")

// ErrForeign answers Open on a SQLite database that has tables, and none of ours.
var ErrForeign = errors.New("it is the database of another program")

// SchemaError answers Open when the schema is not the one that this program works with.
type SchemaError struct {
	Version int64 // of the database
	Known   int64 // the latest that this program knows
	Oldest  int64 // that a program must know for this database
	Bound   bool  // it has a master key, and Options.Master was nil
}

func (e *SchemaError) Error() string {
	if e.Oldest > e.Known {
		return fmt.Sprintf("the database has schema %d, which needs a cenote that knows schema %d; this one knows %d", e.Version, e.Oldest, e.Known)
	}
	return fmt.Sprintf("the database has schema %d; this cenote works with schema %d", e.Version, e.Known)
}

// Options say which database to open and how.
type Options struct {
	// Database is "sqlite:<path>", a bare path (SQLite too), Memory, or a postgres:// or postgresql:// URL.
	Database string
	// Image is what a database in Memory begins with; nil for nothing.
	Image []byte
	// Logger gets what an operator should see: migrations, waiting for another writer, unknown commits. Nil discards it.
	Logger *slog.Logger
	// RetryFor bounds how long a View or Update is tried again after a conflict or while the database fails over, and how long Open waits
	// for the database.
	// Zero means 20 seconds, enough for a Patroni failover. The caller's context may end it sooner.
	RetryFor time.Duration
	// MaxConns bounds the connections: readers on SQLite (default: one per processor, 2 to 8), all of them on PostgreSQL (default 24, or the
	// URL's pool_max_conns).
	MaxConns int
	// Master opens the data keys of pools and the secrets of access keys. Without it, neither can be read or written.
	Master *seal.Master
	// Now is the clock.
	Now func() time.Time
	// AsIs opens the database as it is: nothing is made or migrated. Open answers ErrEmpty when it has no schema, and a *SchemaError when it
	// has one that this program cannot work with.
	AsIs bool
	// Look is AsIs for a reader: an Update is an error.
	Look bool

	boot func() string // the boot of the machine; nil outside of tests
}

// Store is an open database. It is safe for concurrent use.
type Store struct {
	engine engine
	system string // as OpenTelemetry names the database
	counts *counts
	log    *slog.Logger

	master  *seal.Master
	now     func() time.Time
	pools   cache[*pool.Pool]
	clients cache[*pool.Client]
	keys    cache[*AccessKey]
	limits  cache[*provisioned]
	schemas schemas

	identityKeys cache[*pool.KeyRing]

	lost      time.Time // see Lost
	notedBoot bool      // so that something may be written without a sync
}

// engine is what differs between the two databases while they run. With its opener, the schema tokens and the recognition of a
// unique violation these are all the hooks there are; another one needs an architecture decision record.
type engine interface {
	// view runs fn on a consistent snapshot that cannot be changed; alone, without a transaction, so that each statement has its own.
	view(ctx context.Context, alone bool, fn func(*Tx) error) error
	// update runs fn in a serializable transaction and commits it, trying again where that is right.
	update(ctx context.Context, k kind, fn func(*Tx) error) error
	// ping makes sure that changes are possible.
	ping(ctx context.Context) error
	// close ends the connections after the running transactions.
	close() error
}

// kind says what a change needs of the engine.
type kind int

const (
	durable  kind = iota // it survives everything once it is committed
	bulk                 // durable, and it may use more memory
	unsynced             // a failure of the machine may undo it
)

// Stats are counts since the store was opened, and the state of its connections now.
type Stats struct {
	Views   int64 // finished View calls, failed ones too
	Updates int64 // Update calls that committed
	Commits int64 // commits they took; on SQLite concurrent Updates share one
	Retries int64 // times a View or Update was run again
	Settled int64 // commits whose answer was lost and whose outcome was found out
	Unknown int64 // commits with an unknown outcome
	Open    int   // open connections now
	Max     int   // how many may be open
	Waits   int64 // times a transaction had to wait for a connection (PostgreSQL)
}

// counts is what an engine counts, and the handles whose connections are counted.
type counts struct {
	views, updates, commits, retries, settled, unknown atomic.Int64

	handles []*sql.DB // set while opening
}

// Open opens the database, creates or migrates its schema, and returns the store. The caller closes it.
func Open(ctx context.Context, o Options) (*Store, error) {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.RetryFor <= 0 {
		o.RetryFor = 20 * time.Second
	}
	if o.Now == nil {
		return nil, errors.New("store: a clock is needed")
	}
	if o.boot == nil {
		o.boot = bootID
	}
	o.AsIs = o.AsIs || o.Look
	s := &Store{
		counts: new(counts), log: o.Logger, master: o.Master, now: o.Now,
		clients: newCache(clientRoom, sizeOf[*pool.Client]), keys: newCache(keyRoom, sizeOf[*AccessKey]), limits: newCache(limitsRoom, sizeOf[*provisioned]),
		identityKeys: newCache(ringRoom, sizeOf[*pool.KeyRing]),
	}
	s.pools = newCache(poolRoom, func(p *pool.Pool) int {
		if !s.schemas.shares(p.Settings.SchemaAttributes) {
			return sizeOf(p)
		}
		own := *p
		own.Settings.SchemaAttributes = nil
		return sizeOf(&own)
	})
	s.system = "sqlite"
	var err error
	var file bool
	switch {
	case o.Database == Memory:
		s.engine, err = openMemory(ctx, o, s.counts)
	case strings.HasPrefix(o.Database, "postgres://") || strings.HasPrefix(o.Database, "postgresql://"):
		s.system = "postgresql"
		s.engine, err = openPostgres(ctx, o, s.counts)
	default:
		file = true
		s.engine, err = openSQLite(ctx, o, s.counts)
	}
	if err == nil && file && !o.AsIs {
		if err = s.noteBoot(ctx, o.boot()); err != nil {
			err = errors.Join(err, s.Close())
		}
	}
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	return s, nil
}

// View runs fn on a consistent snapshot of the database. A write in fn is an error.
//
// fn may run more than once when the database fails over, so it assigns its results rather than adding to them. It must not
// call View or Update, nor wait for anything outside the database. The Tx ends with fn.
func (s *Store) View(ctx context.Context, fn func(*Tx) error) error {
	return s.view(ctx, false, fn)
}

// Read is a View of a single statement, at a third of its price: there is no transaction around it. Should fn make several, each sees the
// database at its own moment.
func (s *Store) Read(ctx context.Context, fn func(*Tx) error) error { return s.view(ctx, true, fn) }

func (s *Store) view(ctx context.Context, alone bool, fn func(*Tx) error) error {
	defer s.counts.views.Add(1)
	ctx, span := s.span(ctx, "view")
	defer span.End()
	var repairs []repair
	err := s.engine.view(ctx, alone, func(tx *Tx) error {
		repairs = nil
		tx.store, tx.repairs = s, &repairs
		return fn(tx)
	})
	s.mend(ctx, repairs)
	failed(span, err)
	return err
}

// span is a transaction in a trace.
func (s *Store) span(ctx context.Context, kind string) (context.Context, tracing.Span) {
	ctx, span := tracing.Start(ctx, tracing.Client, kind)
	span.Text("db.system.name", s.system)
	span.Text("db.operation.name", kind)
	return ctx, span
}

// failed marks the span of a transaction that the database failed; that a function did not find what it looked for is no failure.
func failed(span tracing.Span, err error) {
	switch {
	case err == nil || fault.CodeOf(err) != "":
	case errors.Is(err, ErrUnknownOutcome):
		span.Fail("unknown outcome")
	default:
		span.Fail("_OTHER")
	}
}

// Update runs fn in a serializable transaction and returns nil once the change is durable. An error or a panic of fn, or a failed
// statement in it, rolls back all that fn did and comes back to the caller.
//
// fn may run more than once (a conflict on PostgreSQL), so it assigns its results rather than adding to them and touches
// nothing else. It must not call View or Update, nor wait for anything outside the database: on SQLite every other
// writer waits for it. It may run in another goroutine than the caller's.
func (s *Store) Update(ctx context.Context, fn func(*Tx) error) error {
	return s.update(ctx, durable, fn)
}

// Bulk is an Update that changes hundreds of rows, as imports do. SQLite gets more memory for it, so that no page is written twice.
func (s *Store) Bulk(ctx context.Context, fn func(*Tx) error) error { return s.update(ctx, bulk, fn) }

func (s *Store) update(ctx context.Context, k kind, fn func(*Tx) error) error {
	ctx, span := s.span(ctx, "update")
	defer span.End()
	var changed changes
	var repairs []repair
	witness, _ := ctx.Value(witnessKey{}).(Witness)
	var seen bool
	if witness != nil {
		fn = witnessed(witness, fn, &seen)
	}
	err := s.engine.update(ctx, k, func(tx *Tx) error {
		repairs = nil
		tx.store, tx.changed, tx.repairs = s, &changed, &repairs
		return fn(tx)
	})
	s.mend(ctx, repairs)
	// After an error too: the outcome may be unknown.
	s.pools.drop(changed.pools)
	s.clients.drop(changed.clients)
	s.keys.drop(changed.keys)
	s.limits.drop(changed.limits)
	s.identityKeys.drop(changed.identityKeys)
	switch {
	case err == nil:
		s.counts.updates.Add(1)
		if seen {
			witness.Committed()
		}
	case errors.Is(err, ErrUnknownOutcome):
		s.counts.unknown.Add(1)
	}
	failed(span, err)
	return err
}

// Ping makes sure that the database can be read and changed. It waits for it as an Update does: for RetryFor or until ctx ends.
func (s *Store) Ping(ctx context.Context) error {
	if err := s.engine.ping(ctx); err != nil {
		return fmt.Errorf("ping database: %w", err)
	}
	return nil
}

// Stats returns the counts for metrics.
func (s *Store) Stats() Stats {
	n := Stats{
		Views:   s.counts.views.Load(),
		Updates: s.counts.updates.Load(),
		Commits: s.counts.commits.Load(),
		Retries: s.counts.retries.Load(),
		Settled: s.counts.settled.Load(),
		Unknown: s.counts.unknown.Load(),
	}
	for _, db := range s.counts.handles {
		st := db.Stats()
		n.Open += st.OpenConnections
		n.Max += st.MaxOpenConnections
		n.Waits += st.WaitCount
	}
	return n
}

// Close waits for the running transactions and closes the database. Later calls answer ErrClosed.
func (s *Store) Close() error { return s.engine.close() }
