package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"github.com/cenote-id/cenote/internal/seal"
)

// postgresTokens complete the schema. Keys compare by byte, whatever the database's own collation.
var postgresTokens = tokens{
	"key":       `text collate "C"`,
	"int":       "bigint",
	"bool":      "boolean",
	"bytes":     "bytea",
	"strict":    "",
	"clustered": "",
}

const (
	defaultConns   = 24
	connectTimeout = 5 * time.Second
	silenceLimit   = 5 * time.Second // how long a server may keep us waiting for the next bytes of an answer
	idleTime       = 5 * time.Minute
	lifeTime       = time.Hour // connections move on to a better server some time after a failover
)

// postgresEngine is a pool of connections to PostgreSQL or to what speaks like it.
type postgresEngine struct {
	db       *sql.DB
	log      *slog.Logger
	master   *seal.Master
	retryFor time.Duration
	now      func() time.Time
	counts   *counts
	age      *atomic.Int64 // raised when a server stops being the primary: connections made before are dropped
	silence  *atomic.Int64 // nanoseconds: silenceLimit; 0 while a migration runs, whose statements may take long
	readOnly bool
	once     sync.Once
	closed   chan struct{}
	turn     chan struct{} // holds one: the transaction whose turn it is, after conflicts
}

// What a connection remembers in its CustomData.
const (
	keyAge     = "cenote.age"     // the engine's age when it was made
	keyWarning = "cenote.warning" // the text of a warning that arrived since the commit was sent
)

func openPostgres(ctx context.Context, o Options, c *counts) (engine, error) {
	cfg, conns, err := postgresConfig(o)
	if err != nil {
		return nil, err
	}
	e := &postgresEngine{
		log:      o.Logger,
		readOnly: o.Look,
		master:   o.Master,
		retryFor: o.RetryFor,
		now:      o.Now,
		counts:   c,
		age:      new(atomic.Int64),
		silence:  new(atomic.Int64),
		closed:   make(chan struct{}),
		turn:     make(chan struct{}, 1),
	}
	e.silence.Store(int64(silenceLimit))
	cfg.DialFunc = boundDial(cfg.DialFunc, e.silence)
	e.db = stdlib.OpenDB(*cfg, stdlib.OptionAfterConnect(e.connected), stdlib.OptionResetSession(e.reused),
		// A connection that died at rest is found out by the first statement. A ping would find each of them by its own, at the price
		// of a round trip, or of silenceLimit where the server is silent.
		stdlib.OptionShouldPing(func(context.Context, stdlib.ShouldPingParams) bool { return false }))
	e.db.SetMaxIdleConns(conns)
	e.db.SetConnMaxIdleTime(idleTime)
	e.db.SetConnMaxLifetime(lifeTime)
	c.handles = []*sql.DB{e.db}
	prepare := e.migrate
	if o.AsIs {
		prepare = e.look
	}
	if err := prepare(ctx); err != nil {
		return nil, errors.Join(err, e.db.Close())
	}
	e.db.SetMaxOpenConns(conns) // not before: a migration needs a connection for its lock beside its own
	return e, nil
}

// postgresConfig reads the URL. Its password never gets into an error.
func postgresConfig(o Options) (*pgx.ConnConfig, int, error) {
	cfg, err := pgx.ParseConfig(o.Database)
	if err != nil {
		return nil, 0, err // pgx hides the password
	}
	conns := defaultConns
	if s, ok := cfg.RuntimeParams["pool_max_conns"]; ok {
		delete(cfg.RuntimeParams, "pool_max_conns")
		if conns, err = strconv.Atoi(s); err != nil || conns < 1 {
			return nil, 0, fmt.Errorf("pool_max_conns: %q is not a number above 0", s)
		}
	}
	if o.MaxConns > 0 {
		conns = o.MaxConns
	}
	if _, ok := cfg.RuntimeParams["application_name"]; !ok {
		cfg.RuntimeParams["application_name"] = "cenote"
	}
	if u, err := url.Parse(o.Database); err == nil && !u.Query().Has("connect_timeout") {
		cfg.ConnectTimeout = connectTimeout
	}
	cfg.OnNotice = noteWarning
	cfg.ValidateConnect = refuseStandby(cfg.ValidateConnect)
	return cfg, conns, nil
}

func (e *postgresEngine) look(ctx context.Context) error {
	if err := e.await(ctx); err != nil {
		return err
	}
	if e.readOnly { // whoever only looks wants to know whether a server could change anything
		if err := e.mayChange(ctx); err != nil {
			return err
		}
	}
	return e.schema().look(ctx, e.log)
}

// mayChange answers why this role cannot change anything, or nil.
func (e *postgresEngine) mayChange(ctx context.Context) error {
	var role, readOnly string
	err := e.db.QueryRowContext(ctx, `select current_user, current_setting('default_transaction_read_only')`).Scan(&role, &readOnly)
	if err == nil && readOnly == "on" {
		err = fmt.Errorf("the database is read-only for the role %s (default_transaction_read_only)", role)
	}
	return err
}

// mayMigrate answers why this role cannot make tables, or nil. Otherwise a migration would wait in vain for its lock, which is a table.
func (e *postgresEngine) mayMigrate(ctx context.Context) error {
	if err := e.mayChange(ctx); err != nil {
		return err
	}
	var role, schema string
	var may bool
	err := e.db.QueryRowContext(ctx, `select current_user, coalesce(current_schema(), ''), coalesce(has_schema_privilege(current_schema(), 'create'), false)`).
		Scan(&role, &schema, &may)
	if err == nil && !may {
		err = fmt.Errorf("the role %s may not make tables in the schema %q of this database: make it the owner of the database", role, schema)
	}
	return err
}

func (e *postgresEngine) schema() schema {
	return schema{
		db: e.db, dialect: goose.DialectPostgres, tokens: postgresTokens, has: `select to_regclass($1) is not null`, master: e.master, allowed: e.mayMigrate,
	}
}

func (e *postgresEngine) migrate(ctx context.Context) error {
	// Said here, because a failing version query only means that there is no schema.
	if err := e.await(ctx); err != nil {
		return err
	}
	e.silence.Store(0)
	defer e.silence.Store(int64(silenceLimit))
	locker, err := lock.NewPostgresTableLocker(lock.WithTableLockTimeout(200*time.Millisecond, 300), lock.WithTableLogger(e.log))
	if err != nil {
		return err
	}
	sc := e.schema()
	sc.locker = locker
	return migrate(ctx, sc, e.log)
}

func (e *postgresEngine) connected(_ context.Context, c *pgx.Conn) error {
	if enc := c.PgConn().ParameterStatus("server_encoding"); enc != "UTF8" {
		return fmt.Errorf("the database's encoding is %s, not UTF8", enc)
	}
	c.PgConn().CustomData()[keyAge] = e.age.Load()
	return nil
}

// reused refuses a pooled connection from before the last failover.
func (e *postgresEngine) reused(_ context.Context, c *pgx.Conn) error {
	if c.PgConn().CustomData()[keyAge] != e.age.Load() || isStandby(c.PgConn()) {
		return driver.ErrBadConn
	}
	return nil
}

// errStandby is not final: whatever led to the standby will lead to the primary in a moment.
var errStandby = errors.New("the server is a standby, not the primary")

// refuseStandby refuses connections to a standby, before the URL's own wishes are asked. A proxy leads to one for a moment after
// each failover and at its own start. Its data is old: tokens that were revoked would be good, and codes that were used unused.
func refuseStandby(then pgconn.ValidateConnectFunc) pgconn.ValidateConnectFunc {
	return func(ctx context.Context, c *pgconn.PgConn) error {
		if isStandby(c) {
			return errStandby
		}
		if then != nil {
			return then(ctx, c)
		}
		return nil
	}
}

// isStandby looks at what PostgreSQL 14 and later report of themselves, and report again when it changes.
func isStandby(c *pgconn.PgConn) bool { return c.ParameterStatus("in_hot_standby") == "on" }

// await waits until the server answers, for as long as a change would.
func (e *postgresEngine) await(ctx context.Context) error {
	told := false
	return e.retry(ctx, func(context.Context) (again bool, err error) {
		if err = e.db.PingContext(ctx); err != nil && isTransient(err) && !told {
			told = true
			e.log.WarnContext(ctx, "the database cannot be reached; waiting for it", "error", err, "limit", e.retryFor.String())
		}
		return isTransient(err), err
	})
}

// noteWarning remembers a warning for the commit under way. PostgreSQL says "canceling wait for synchronous replication" (01000, or
// 57P01 when the server goes down) that way, and "COMMIT" after it as if nothing were wrong.
func noteWarning(c *pgconn.PgConn, n *pgconn.Notice) {
	if n.Code == "01000" || n.Code == "57P01" {
		c.CustomData()[keyWarning] = n.Message
	}
}

func (e *postgresEngine) close() error {
	e.once.Do(func() { close(e.closed) })
	return e.db.Close() // waits for nobody: a transaction under way keeps its connection until it ends
}

func postgresUnique(err error) (table string, ok bool) {
	e, ok := errors.AsType[*pgconn.PgError](err)
	if !ok || e.Code != "23505" {
		return "", false
	}
	return e.TableName, true
}
