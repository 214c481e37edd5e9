package store

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/cenote-id/cenote/internal/cenotetest/pgtest"
)

func TestALookChangesNothing(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, database string, _ tokens) {
		look := Options{Database: database, Now: time.Now, Look: true}
		for range 2 { // the first look has made nothing
			s, err := Open(t.Context(), look)
			if !errors.Is(err, ErrEmpty) {
				t.Fatalf("an empty database: got %v, %v, want ErrEmpty", s, err)
			}
		}
		if path, ok := strings.CutPrefix(database, "sqlite:"); ok {
			if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("the look has made the file: %v", err)
			}
		}
		openTest(t, Options{Database: database})
		s := openTest(t, look)
		if err := s.Update(t.Context(), func(tx *Tx) error { return tx.SetMeta("a", "v") }); !errors.Is(err, errReadOnly) {
			t.Errorf("a change: got %v, want errReadOnly", err)
		}
		if err := s.View(t.Context(), func(tx *Tx) error { _, _, err := tx.Meta("a"); return err }); err != nil {
			t.Errorf("a View: %v", err)
		}
		err := change(t.Context(), openTest(t, Options{Database: database}), `delete from goose_db_version where version_id > 1`)
		if err != nil {
			t.Fatal(err)
		}
		var schema *SchemaError
		if _, err := Open(t.Context(), look); !errors.As(err, &schema) || schema.Version != 1 {
			t.Errorf("an older schema: got %v, want a SchemaError", err)
		}
	})
}

func TestADatabaseWhoseFirstMigrationWasKilledIsEmpty(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, database string, _ tokens) {
		driver, source := "pgx", database
		if path, ok := strings.CutPrefix(database, "sqlite:"); ok {
			driver, source = "sqlite", fileURL(path, nil)
		}
		db, err := sql.Open(driver, source)
		if err != nil {
			t.Fatal(err)
		}
		for _, q := range []string{
			`create table goose_db_version (id integer primary key, version_id bigint not null, is_applied boolean not null)`, `insert into goose_db_version values (1, 0, true)`,
		} {
			if _, err := db.ExecContext(t.Context(), q); err != nil {
				t.Fatal(err)
			}
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		if s, err := Open(t.Context(), Options{Database: database, Now: time.Now, Look: true}); !errors.Is(err, ErrEmpty) {
			t.Errorf("got %v, %v, want ErrEmpty", s, err)
		}
	})
}

func TestAMigrationThatIsStoppedSaysSoAndLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	database := pgtest.Start(t)
	blocker, err := pgx.Connect(t.Context(), database)
	if err != nil {
		t.Fatal(err)
	}
	defer blocker.Close(context.WithoutCancel(t.Context()))
	tx, err := blocker.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(t.Context(), `create table users (n int)`); err != nil { // the first step has to wait for this
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	opened := make(chan error, 1)
	go func() {
		s, err := Open(ctx, Options{Database: database, Now: time.Now})
		if err == nil {
			s.Close()
		}
		opened <- err
	}()
	watcher, err := pgx.Connect(t.Context(), database)
	if err != nil {
		t.Fatal(err)
	}
	defer watcher.Close(context.WithoutCancel(t.Context()))
	for waiting := 0; waiting == 0; {
		err := watcher.QueryRow(t.Context(), `select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`).Scan(&waiting)
		if err != nil {
			t.Fatal(err)
		}
	}
	stop()
	if err := <-opened; err == nil || !strings.Contains(err.Error(), "stopped while migrating the database") || strings.Contains(err.Error(), "\n") {
		t.Errorf("got %v, want one line that says so", err)
	}
	if err := tx.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	var tables int
	if err := watcher.QueryRow(t.Context(), `select count(*) from pg_tables where tablename in ('meta', 'users')`).Scan(&tables); err != nil {
		t.Fatal(err)
	}
	if tables != 0 {
		t.Errorf("%d tables of the step are left", tables)
	}
	openTest(t, Options{Database: database})
}

func TestALookAtAFileThatIsNoDatabase(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "cenote.db")
	if err := os.WriteFile(path, []byte(strings.Repeat("not a database ", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), Options{Database: path, Now: time.Now, Look: true}); err == nil || errors.Is(err, ErrEmpty) {
		t.Errorf("got %v, want an error that says so", err)
	}
}
