package store

import (
	"bytes"
	"database/sql"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

func TestSQLiteRefusesChangesToAFileThatWasTakenAway(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "cenote.db")
	s := openTest(t, Options{Database: path})
	for _, c := range []struct {
		name string
		harm func() error
	}{
		{"removed", func() error { return os.Rename(path, path+".away") }},
		{"replaced", func() error { return os.WriteFile(path, nil, 0o600) }},
	} {
		if err := c.harm(); err != nil {
			t.Fatal(err)
		}
		if err := s.Update(t.Context(), func(tx *Tx) error { return tx.SetMeta("a", "v") }); err == nil || !strings.Contains(err.Error(), "taken away") {
			t.Errorf("a change of a file that was %s: got %v, want an error that says so", c.name, err)
		}
		if err := s.Ping(t.Context()); err == nil {
			t.Errorf("a ping of a file that was %s is answered well", c.name)
		}
	}
	if err := os.Rename(path+".away", path); err != nil {
		t.Fatal(err)
	}
	if err := s.Update(t.Context(), func(tx *Tx) error { return tx.SetMeta("a", "v") }); err != nil {
		t.Errorf("after the file is back: %v", err)
	}
}

func TestSQLiteNamesWhatItCannotWriteTo(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		harm func(path string) error
		want string // after the path of the database
	}{
		"a folder in place of the file":             {func(path string) error { return errors.Join(os.Remove(path), os.Mkdir(path, 0o700)) }, " is not a file"},
		"a folder in place of the log":              {func(path string) error { return os.Mkdir(path+"-wal", 0o700) }, "-wal is not a file"},
		"a folder in place of the index of the log": {func(path string) error { return os.Mkdir(path+"-shm", 0o700) }, "-shm is not a file"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "cenote.db")
			s, err := Open(t.Context(), Options{Database: path, Now: time.Now})
			if err != nil {
				t.Fatal(err)
			}
			if err := errors.Join(s.Close(), c.harm(path)); err != nil {
				t.Fatal(err)
			}
			for _, o := range []Options{{Look: true}, {AsIs: true}} {
				o.Database, o.Now = path, time.Now
				s, err := Open(t.Context(), o)
				if err == nil { // what only reads may pass by the log
					err = errors.Join(s.Update(t.Context(), func(tx *Tx) error { return tx.SetMeta("a", "v") }), s.Close())
				}
				if err == nil || !strings.Contains(err.Error(), path+c.want) {
					t.Errorf("look %v: got %v, want an error that says %q", o.Look, err, path+c.want)
				}
			}
		})
	}
}

func TestSQLiteNamesAFileThatThisUserMayNotWriteTo(t *testing.T) {
	t.Parallel()
	if os.Getuid() == 0 || runtime.GOOS == "windows" {
		t.Skip("root may write to everything")
	}
	for _, name := range []string{"cenote.db", "."} {
		dir := t.TempDir()
		path := filepath.Join(dir, "cenote.db")
		openTest(t, Options{Database: path})
		harmed := filepath.Join(dir, name)
		if err := os.Chmod(harmed, 0o500); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = os.Chmod(harmed, 0o700) }) //nolint:gosec // as it was
		if _, err := Open(t.Context(), Options{Database: path, Now: time.Now}); err == nil || !strings.Contains(err.Error(), harmed) {
			t.Errorf("got %v, want an error that names %s", err, harmed)
		}
	}
}

func TestAFileOfSomethingElseIsNotMigrated(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "cenote.db")
	if err := os.WriteFile(path, []byte(strings.Repeat("notes ", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	_, err := Open(t.Context(), Options{Database: path, Now: time.Now, Logger: slog.New(slog.NewTextHandler(&log, nil))})
	if err == nil || !strings.Contains(err.Error(), "file is not a database") {
		t.Errorf("got %v, want an error that says what it is not", err)
	}
	if log.Len() > 0 {
		t.Errorf("the log says %s", log.String())
	}
}

func TestADatabaseOfAnotherProgramIsLeftAsItIs(t *testing.T) {
	t.Parallel()
	for name, tables := range map[string]string{
		"any": `create table users (name text)`, "one that migrates in the same way": `create table goose_db_version (version_id int); create table orders (id int)`,
	} {
		path := filepath.Join(t.TempDir(), "other.db")
		other, err := sql.Open("sqlite", fileURL(path, nil))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := other.ExecContext(t.Context(), tables); err != nil {
			t.Fatal(err)
		}
		if err := other.Close(); err != nil {
			t.Fatal(err)
		}
		before, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range []Options{{Database: path, Now: time.Now}, {Database: path, Now: time.Now, AsIs: true}} {
			if s, err := Open(t.Context(), o); !errors.Is(err, ErrForeign) {
				t.Errorf("%s: got %v, want ErrForeign", name, err)
				if err == nil {
					_ = s.Close() // it should not be there
				}
			}
		}
		if after, err := os.ReadFile(path); err != nil || !bytes.Equal(before, after) {
			t.Errorf("%s: the file was changed: %v", name, err)
		}
	}
}
