package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"github.com/cenote-id/cenote/internal/seal"
)

//go:embed schema/*.sql
var schemaFiles embed.FS

// schema is what a migration needs to know of a database.
type schema struct {
	db      *sql.DB
	dialect goose.Dialect
	tokens  tokens
	locker  lock.Locker // nil where the database itself lets one migration run at a time
	has     string      // a query that answers whether the table $1 exists
	master  *seal.Master

	allowed func(context.Context) error // answers why no migration can succeed; nil where opening the file has shown it
}

// mayMigrate answers why a migration cannot succeed, or nil.
func (sc schema) mayMigrate(ctx context.Context) error {
	if sc.allowed == nil {
		return nil
	}
	return sc.allowed(ctx)
}

// SchemaVersion is the schema that this program works with.
func SchemaVersion() int64 {
	names, err := fs.Glob(schemaFiles, "schema/*.sql")
	if err != nil {
		panic(err) // the pattern is well-formed
	}
	return int64(len(names))
}

// migrateTries bounds how often a migration is looked at again after it failed, which it does when another node makes the same
// step at the same moment.
const migrateTries = 5

// migrate brings the schema up to date. Migrations only go forward; a database newer than this program is accepted unless
// its meta row "schema.oldest" says that programs of this age cannot work with it.
func migrate(ctx context.Context, sc schema, log *slog.Logger) error {
	steps, err := sc.steps()
	if err != nil {
		return err
	}
	latest := steps[len(steps)-1].Version
	for try := 1; ; try++ {
		var found bool
		err := sc.db.QueryRowContext(ctx, sc.has, "goose_db_version").Scan(&found)
		if err == nil { // else it is a damaged file, another program's, or a connection that broke
			var version, oldest int64
			version, oldest, err = sc.version(ctx)
			switch {
			case err != nil: // tried again
			case oldest > latest:
				return &SchemaError{Version: version, Known: latest, Oldest: oldest}
			case version > latest:
				noteNewer(log, version, latest)
				return nil
			case version == latest:
				return nil
			default:
				if err = sc.wantMaster(ctx, version); err == nil {
					err = sc.mayMigrate(ctx)
				}
				if err != nil {
					return err
				}
				log.Info("migrating the database", "from", version, "to", latest)
				if err = sc.up(ctx, steps); err == nil {
					return nil
				}
			}
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("stopped while migrating the database to schema %d; nothing of the step under way is kept, and the next start goes on: %w",
				latest, ctx.Err())
		default:
		}
		if try == migrateTries || isDiskFull(err) || isDiskError(err) {
			return fmt.Errorf("migrate database: %w", err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(time.Duration(try) * 100 * time.Millisecond):
		}
	}
}

// wantMaster refuses to touch a database under a master key that does not fit; ErrNoMaster where it has one and none is given.
func (sc schema) wantMaster(ctx context.Context, version int64) (err error) {
	if version == 0 {
		return nil
	}
	rows, err := sc.db.QueryContext(ctx, selectMasters)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	var values []metaValue
	for rows.Next() {
		var v metaValue
		if err := rows.Scan(&v.name, &v.text); err != nil {
			return err
		}
		values = append(values, v)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	_, err = boundTo(sc.master, values)
	return err
}

// look answers why a program that migrates nothing cannot work with the database, or nil.
func (sc schema) look(ctx context.Context, log *slog.Logger) error {
	var found bool
	if err := sc.db.QueryRowContext(ctx, sc.has, "goose_db_version").Scan(&found); err != nil {
		return err
	}
	if !found {
		return sc.orDenied(ctx, ErrEmpty)
	}
	steps, err := sc.steps()
	if err != nil {
		return err
	}
	version, oldest, err := sc.version(ctx)
	switch {
	case err != nil:
		return err
	case version == 0:
		return sc.orDenied(ctx, ErrEmpty)
	}
	latest := steps[len(steps)-1].Version
	switch {
	case oldest > latest:
		return &SchemaError{Version: version, Known: latest, Oldest: oldest}
	case version < latest:
		err := sc.wantMaster(ctx, version)
		if err != nil && !errors.Is(err, ErrNoMaster) {
			return err
		}
		return sc.orDenied(ctx, &SchemaError{Version: version, Known: latest, Oldest: oldest, Bound: err != nil})
	case version > latest:
		noteNewer(log, version, latest)
	}
	return nil
}

// orDenied returns the error, which a migration would mend, or why there can be none.
func (sc schema) orDenied(ctx context.Context, err error) error {
	if denied := sc.mayMigrate(ctx); denied != nil {
		return denied
	}
	return err
}

func noteNewer(log *slog.Logger, version, known int64) {
	log.Warn("the database is newer than this cenote", "schema", version, "known", known)
}

// version returns the schema's version and the oldest one a program must know, by one query, so that starting on a current
// database costs no more. Without a table of ours the version is 0.
func (sc schema) version(ctx context.Context) (version, oldest int64, err error) {
	var floor sql.NullString
	err = sc.db.QueryRowContext(ctx, `select coalesce((select max(version_id) from goose_db_version), 0),
		(select value from meta where name = 'schema.oldest')`).Scan(&version, &floor)
	if err != nil {
		var made bool
		if e := sc.db.QueryRowContext(ctx, sc.has, "meta").Scan(&made); e == nil && !made {
			return 0, 0, nil // nothing was migrated, or the first step was cut off
		}
		return 0, 0, err
	}
	if floor.Valid {
		oldest, err = strconv.ParseInt(floor.String, 10, 64)
	}
	return version, oldest, err
}

func (sc schema) up(ctx context.Context, steps []*goose.Migration) error {
	opts := []goose.ProviderOption{goose.WithDisableGlobalRegistry(true), goose.WithGoMigrations(steps...)}
	if sc.locker != nil {
		opts = append(opts, goose.WithLocker(sc.locker))
	}
	p, err := goose.NewProvider(sc.dialect, sc.db, nil, opts...)
	if err != nil {
		return err
	}
	_, err = p.Up(ctx)
	if partial, ok := errors.AsType[*goose.PartialError](err); ok {
		return fmt.Errorf("step %d, of which nothing is kept: %w", partial.Failed.Source.Version, first(partial.Err))
	}
	return err
}

// first returns the first of errors that were joined: why a step failed. That it was rolled back already, as SQLite does by itself, is no error.
func first(err error) error {
	if all, ok := err.(interface{ Unwrap() []error }); ok {
		return all.Unwrap()[0]
	}
	return err
}

// steps returns the migrations, one for each file and in their order, in the words of this database. Each runs in a transaction.
func (sc schema) steps() ([]*goose.Migration, error) {
	names, err := fs.Glob(schemaFiles, "schema/*.sql") // sorted
	if err != nil {
		return nil, err
	}
	var steps []*goose.Migration
	for i, name := range names {
		raw, err := schemaFiles.ReadFile(name)
		if err != nil {
			return nil, err
		}
		text, err := sc.tokens.replace(string(raw))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if want := fmt.Sprintf("schema/%05d_", i+1); !strings.HasPrefix(name, want) {
			return nil, fmt.Errorf("%s: name does not begin with %s", name, want)
		}
		steps = append(steps, goose.NewGoMigration(int64(i+1), &goose.GoFunc{RunTx: func(ctx context.Context, tx *sql.Tx) error {
			_, err := tx.ExecContext(ctx, text)
			return err
		}}, nil))
	}
	return steps, nil
}

// tokens are the words that differ between the schemas of the two databases.
type tokens map[string]string

// replace puts the words in place of their tokens.
func (t tokens) replace(text string) (string, error) {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(text, "{{")
		b.WriteString(before)
		if !found {
			return b.String(), nil
		}
		name, after, closed := strings.Cut(rest, "}}")
		word, ok := t[name]
		if !ok || !closed {
			return "", fmt.Errorf("unknown token %q", name)
		}
		b.WriteString(word)
		text = after
	}
}
