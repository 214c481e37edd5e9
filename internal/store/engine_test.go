package store

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/internal/cenotetest/pgtest"
)

// eachDatabase runs the test on an empty database of each kind.
func eachDatabase(t *testing.T, run func(t *testing.T, database string, words tokens)) {
	t.Run("SQLite", func(t *testing.T) {
		t.Parallel()
		run(t, "sqlite:"+filepath.Join(t.TempDir(), "cenote.db"), sqliteTokens)
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		t.Parallel()
		run(t, pgtest.Start(t), postgresTokens)
	})
}

func openTest(t testing.TB, o Options) *Store {
	t.Helper()
	if o.Now == nil {
		o.Now = time.Now
	}
	s, err := Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close store: %v", err)
		}
	})
	return s
}

// change runs statements in one Update and returns its error.
func change(ctx context.Context, s *Store, statements ...string) error {
	return s.Update(ctx, func(tx *Tx) error {
		for _, q := range statements {
			if _, err := tx.exec(q); err != nil {
				return err
			}
		}
		return nil
	})
}

// isUnique reports whether err comes from a unique or primary key constraint.
func isUnique(err error) bool {
	_, ok := errors.AsType[*uniqueError](err)
	return ok
}

func TestUniqueViolationsAreRecognised(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, database string, words tokens) {
		s := openTest(t, Options{Database: database, Now: time.Now})
		table, err := words.replace(`create table probe (pool {{key}} not null, id {{int}} not null, name {{key}} not null, primary key (pool, id)) {{strict}}`)
		if err != nil {
			t.Fatal(err)
		}
		err = change(t.Context(), s, table, `create unique index probe_by_name on probe (pool, name)`, `insert into probe values ('p', 1, 'ann')`)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			name, statement string
			unique          bool
		}{
			{"the same primary key", `insert into probe values ('p', 1, 'bob')`, true},
			{"the same value in a unique index", `insert into probe values ('p', 2, 'ann')`, true},
			{"a change that runs into a unique index", `insert into probe values ('p', 2, 'bob'); update probe set name = 'ann' where id = 2`, true},
			{"the same name in another case", `insert into probe values ('p', 3, 'Ann')`, false},
			{"a null where none may be", `insert into probe values ('p', 4, null)`, false},
		} {
			t.Run(c.name, func(t *testing.T) {
				err := change(t.Context(), s, strings.Split(c.statement, ";")...)
				if isUnique(err) != c.unique {
					t.Errorf("isUnique(%v) = %v, want %v", err, !c.unique, c.unique)
				}
				if c.unique && uniqueTable(err) != "probe" {
					t.Errorf("uniqueTable(%v) = %q, want probe", err, uniqueTable(err))
				}
			})
		}
	})
}

func TestFailedStatementEndsTheTransaction(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, database string, _ tokens) {
		s := openTest(t, Options{Database: database, Now: time.Now})
		err := s.Update(t.Context(), func(tx *Tx) error {
			if err := tx.SetMeta("first", "v"); err != nil {
				return err
			}
			if _, err := tx.exec(`insert into meta (name, value) values ('first', 'again')`); !isUnique(err) {
				t.Errorf("second insert: got %v, want a unique violation", err)
			}
			if err := tx.SetMeta("second", "v"); !isUnique(err) {
				t.Errorf("statement after the violation: got %v, want the violation again", err)
			}
			return nil // hides it
		})
		if !isUnique(err) {
			t.Errorf("Update: got %v, want the unique violation", err)
		}
		err = s.View(t.Context(), func(tx *Tx) error {
			_, found, err := tx.Meta("first")
			if found {
				t.Error("the value written before the violation was kept")
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	})
}

func TestValuesComeBackAsTheyWent(t *testing.T) {
	t.Parallel()
	type values struct {
		Text  string
		Int   int64
		Bool  bool
		Bytes []byte
		Null  sql.NullString
	}
	eachDatabase(t, func(t *testing.T, database string, words tokens) {
		s := openTest(t, Options{Database: database, Now: time.Now})
		table, err := words.replace(`create table probe (t {{key}} not null, i {{int}} not null, o {{bool}} not null, b {{bytes}}, n text) {{clustered}}`)
		if err != nil {
			t.Fatal(err)
		}
		if err := change(t.Context(), s, strings.Replace(table, "t text not null", "t text not null primary key", 1)); err != nil {
			t.Fatal(err)
		}
		want := []values{
			{Text: "", Null: sql.NullString{Valid: true}},
			{Text: "a", Int: 1<<63 - 1, Bool: true, Bytes: []byte{0, 1, 255}},
			{Text: "日本", Int: -1 << 63, Bytes: []byte("text"), Null: sql.NullString{String: "x", Valid: true}},
		}
		var got, truths []values
		scan := func(r scanner) (v values, err error) {
			return v, r.Scan(&v.Text, &v.Int, &v.Bool, &v.Bytes, &v.Null)
		}
		err = s.Update(t.Context(), func(tx *Tx) error {
			for _, v := range want {
				n, err := tx.exec(`insert into probe (n, b, o, i, t) values ($5, $4, $3, $2, $1)`, v.Text, v.Int, v.Bool, v.Bytes, v.Null)
				if err != nil {
					return err
				}
				if n != 1 {
					t.Errorf("insert changed %d rows, want 1", n)
				}
			}
			var err error
			if got, err = collect(tx.query(`select t, i, o, b, n from probe where (t, i) >= ($1, $2) order by t`, "", int64(0)), scan); err != nil {
				return err
			}
			if truths, err = collect(tx.query(`select t, i, o, b, n from probe where o`), scan); err != nil {
				return err
			}
			var text string
			err = tx.queryRow(`update probe set n = 'y' where n is not distinct from $1 returning t`, sql.NullString{}).Scan(&text)
			if text != "a" {
				t.Errorf("the row with a null is %q, want a", text)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("rows (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(want[1:2], truths); diff != "" {
			t.Errorf("rows with a true flag (-want +got):\n%s", diff)
		}
	})
}

func TestMissingRowDoesNotEndTheTransaction(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, database string, _ tokens) {
		s := openTest(t, Options{Database: database, Now: time.Now})
		err := s.Update(t.Context(), func(tx *Tx) error {
			var v string
			if err := tx.queryRow(`select value from meta where name = 'nobody'`).Scan(&v); !errors.Is(err, sql.ErrNoRows) {
				t.Errorf("got %v, want sql.ErrNoRows", err)
			}
			return tx.SetMeta("after", "v")
		})
		if err != nil {
			t.Error(err)
		}
	})
}

func TestRowsThatAreNotReadDoNotBlockTheStore(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, database string, _ tokens) {
		s := openTest(t, Options{Database: database, MaxConns: 1})
		if err := s.View(t.Context(), func(tx *Tx) error { tx.queryRow(`select 1`); return nil }); err != nil {
			t.Errorf("View that reads no row: %v", err)
		}
		err := s.Update(t.Context(), func(tx *Tx) error {
			_, err := collect(tx.query(`select name from meta`), func(scanner) (string, error) {
				_, _, err := tx.Meta("schema.oldest")
				return "", err
			})
			return err
		})
		if !errors.Is(err, errUnread) {
			t.Errorf("statement between the rows of another: got %v, want errUnread", err)
		}
		if err := s.Ping(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

func TestNodesThatStartTogetherMigrateOnce(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, database string, _ tokens) {
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				s, err := Open(t.Context(), Options{Database: database, Now: time.Now})
				if err != nil {
					t.Errorf("open: %v", err)
					return
				}
				if err := s.Close(); err != nil {
					t.Errorf("close: %v", err)
				}
			})
		}
		all.Wait()
	})
}

func TestNewerDatabase(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, oldest string
		refused      bool
	}{
		{"that older programs may use is opened", "1", false},
		{"that needs a newer program is refused", "1000", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			eachDatabase(t, func(t *testing.T, database string, _ tokens) {
				s := openTest(t, Options{Database: database, Now: time.Now})
				err := s.Update(t.Context(), func(tx *Tx) error {
					if _, err := tx.exec(`insert into goose_db_version (version_id, is_applied) values (1000, true)`); err != nil {
						return err
					}
					return tx.SetMeta("schema.oldest", c.oldest)
				})
				if err != nil {
					t.Fatal(err)
				}
				again, err := Open(t.Context(), Options{Database: database, Now: time.Now})
				if c.refused != (err != nil) {
					t.Errorf("Open: got %v, want refused %v", err, c.refused)
				}
				if err == nil {
					if err := again.Close(); err != nil {
						t.Error(err)
					}
				} else if !strings.Contains(err.Error(), "schema 1000") {
					t.Errorf("Open: %v does not name the schema", err)
				}
			})
		})
	}
}

func TestTokens(t *testing.T) {
	t.Parallel()
	words := tokens{"key": "text", "none": ""}
	for _, c := range []struct {
		name, text, want string
		fails            bool
	}{
		{"text without tokens stays", "create table t", "create table t", false},
		{"each token becomes its word", "{{key}}{{none}}, {{key}}", "text, text", false},
		{"an unknown token is an error", "{{kee}}", "", true},
		{"an open token is an error", "a {{key", "", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, err := words.replace(c.text)
			if got != c.want || (err != nil) != c.fails {
				t.Errorf("replace(%q) = %q, %v; want %q, failure %v", c.text, got, err, c.want, c.fails)
			}
		})
	}
}
