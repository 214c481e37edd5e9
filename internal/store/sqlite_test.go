package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

func testFile(t testing.TB) string { return filepath.Join(t.TempDir(), "data", "cenote.db") }

func TestSQLiteIsNotOneThatCanCorruptALog(t *testing.T) {
	t.Parallel()
	s := openTest(t, Options{Database: testFile(t)})
	var version string
	err := s.View(t.Context(), func(tx *Tx) error { return tx.queryRow(`select sqlite_version()`).Scan(&version) })
	if err != nil {
		t.Fatal(err)
	}
	var major, minor, patch int
	if _, err := fmt.Sscanf(version, "%d.%d.%d", &major, &minor, &patch); err != nil {
		t.Fatalf("version %q: %v", version, err)
	}
	if major*1_000_000+minor*1_000+patch < 3_051_003 {
		t.Errorf("SQLite is %s; up to 3.51.2 two processes can corrupt a database in WAL mode", version)
	}
}

func TestSQLiteConnectionsAreSetUp(t *testing.T) {
	t.Parallel()
	s := openTest(t, Options{Database: testFile(t)})
	for _, c := range []struct {
		pragma         string
		reader, writer string
	}{
		{"journal_mode", "wal", "wal"},
		{"synchronous", "2", "2"},
		{"foreign_keys", "1", "1"},
		{"query_only", "1", "0"},
		{"busy_timeout", "10000", "1000"},
		{"cache_size", "-256", "-512"},
		{"mmap_size", "0", "0"},
		{"trusted_schema", "0", "0"},
	} {
		t.Run(c.pragma, func(t *testing.T) {
			read := func(got *string) func(tx *Tx) error {
				return func(tx *Tx) error { return tx.queryRow("pragma " + c.pragma).Scan(got) }
			}
			var reader, writer string
			if err := errors.Join(s.View(t.Context(), read(&reader)), s.Update(t.Context(), read(&writer))); err != nil {
				t.Fatal(err)
			}
			if reader != c.reader || writer != c.writer {
				t.Errorf("reader has %s, writer %s; want %s and %s", reader, writer, c.reader, c.writer)
			}
		})
	}
}

func TestSQLiteFilesAreForTheirOwnerOnly(t *testing.T) {
	t.Parallel()
	path := testFile(t)
	s := openTest(t, Options{Database: path})
	if err := change(t.Context(), s, `insert into meta (name, value) values ('a', 'b')`); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]os.FileMode{filepath.Dir(path): 0o700, path: 0o600, path + "-wal": 0o600, path + "-shm": 0o600} {
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode().Perm(); got != want {
			t.Errorf("%s has mode %o, want %o", filepath.Base(name), got, want)
		}
	}
}

func TestSQLitePathsThatLookLikeURLs(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, file string
	}{
		{"a question mark is part of the name", "what?.db"},
		{"a percent sign is part of the name", "100%41.db"},
		{"a number sign is part of the name", "#1.db"},
		{"a space is part of the name", "my data.db"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), c.file)
			openTest(t, Options{Database: path})
			if info, err := os.Stat(path); err != nil || info.Size() == 0 {
				t.Errorf("%s is not the database: %v", path, err)
			}
		})
	}
	for _, database := range []string{"", "sqlite:", ":memory:", "sqlite::memory:", "file:a.db?mode=memory"} {
		if s, err := Open(t.Context(), Options{Database: database, Now: time.Now}); err == nil {
			t.Errorf("Open(%q) did not fail", database)
			_ = s.Close()
		}
	}
}

func TestSQLiteUpdatesThatWaitShareACommit(t *testing.T) {
	t.Parallel()
	s := openTest(t, Options{Database: testFile(t)})
	const writers = 32
	first, rest := make(chan struct{}), make(chan struct{}, writers)
	var all sync.WaitGroup
	all.Go(func() {
		err := s.Update(t.Context(), func(tx *Tx) error {
			close(first)
			for range writers { // all others are on their way to the queue
				<-rest
			}
			return tx.SetMeta("first", "v")
		})
		if err != nil {
			t.Error(err)
		}
	})
	<-first
	for i := range writers {
		all.Go(func() {
			rest <- struct{}{}
			err := s.Update(t.Context(), func(tx *Tx) error { return tx.SetMeta(fmt.Sprint("rest", i), "v") })
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if st := s.Stats(); st.Updates != writers+1 || st.Commits > writers/2 {
		t.Errorf("%d updates took %d commits, want %d updates in a few", st.Updates, st.Commits, writers+1)
	}
}

// A function that ends its goroutine, as t.FailNow does, takes those of its batch along: none of them may be told that it is committed.
func TestSQLiteFunctionThatEndsItsGoroutineCommitsNobody(t *testing.T) {
	t.Parallel()
	s := openTest(t, Options{Database: testFile(t)})
	const writers = 16
	first, rest := make(chan struct{}), make(chan struct{}, writers)
	var all sync.WaitGroup
	var mu sync.Mutex
	var committed []string
	update := func(name string, fn func(tx *Tx) error) {
		err := s.Update(t.Context(), func(tx *Tx) error {
			if err := tx.SetMeta(name, "v"); err != nil {
				return err
			}
			return fn(tx)
		})
		if err == nil {
			mu.Lock()
			defer mu.Unlock()
			committed = append(committed, name)
		}
	}
	all.Go(func() {
		update("first", func(*Tx) error {
			close(first)
			for range writers {
				<-rest
			}
			return nil
		})
	})
	<-first
	for i := range writers {
		all.Go(func() {
			rest <- struct{}{}
			update(fmt.Sprint("rest", i), func(*Tx) error {
				if i%4 == 3 {
					runtime.Goexit()
				}
				return nil
			})
		})
	}
	all.Wait()
	for _, name := range committed {
		var kept bool
		if err := s.View(t.Context(), func(tx *Tx) (err error) { _, kept, err = tx.Meta(name); return err }); err != nil || !kept {
			t.Errorf("%s was told that it is committed: %v, error %v", name, kept, err)
		}
	}
	if err := change(t.Context(), s, `insert into meta (name, value) values ('after', 'v')`); err != nil {
		t.Errorf("Update afterwards: %v", err)
	}
}

func TestSQLiteFullDiskFailsTheUpdateAndNotTheStore(t *testing.T) {
	t.Parallel()
	s := openTest(t, Options{Database: testFile(t)})
	if err := change(t.Context(), s, `insert into meta (name, value) values ('before', 'v')`); err != nil {
		t.Fatal(err)
	}
	err := s.Update(t.Context(), func(tx *Tx) error {
		var pages int
		if err := tx.queryRow(`pragma page_count`).Scan(&pages); err != nil {
			return err
		}
		if err := tx.queryRow(fmt.Sprintf(`pragma max_page_count = %d`, pages+2)).Scan(&pages); err != nil {
			return err
		}
		return tx.SetMeta("big", strings.Repeat("x", 1<<20))
	})
	if err == nil || !strings.Contains(err.Error(), "full") {
		t.Errorf("Update on a full disk: got %v, want that it is full", err)
	}
	if err := change(t.Context(), s, `insert into meta (name, value) values ('after', 'v')`); err != nil {
		t.Errorf("small Update afterwards: %v", err)
	}
	var left int
	err = s.View(t.Context(), func(tx *Tx) error {
		return tx.queryRow(`select count(*) from meta where name in ('before', 'big', 'after')`).Scan(&left)
	})
	if err != nil || left != 2 {
		t.Errorf("%d values are left (%v), want those before and after", left, err)
	}
}

func TestSQLiteWaitsForAnotherProcess(t *testing.T) {
	t.Parallel()
	path := testFile(t)
	server, other := openTest(t, Options{Database: path}), openTest(t, Options{Database: path})
	holds, release := make(chan struct{}), make(chan struct{})
	var all sync.WaitGroup
	all.Go(func() {
		err := other.Update(t.Context(), func(tx *Tx) error {
			close(holds)
			<-release
			return tx.SetMeta("other", "v")
		})
		if err != nil {
			t.Errorf("the other process: %v", err)
		}
	})
	<-holds

	// Readers do not wait.
	if err := server.View(t.Context(), func(tx *Tx) error { _, _, err := tx.Meta("other"); return err }); err != nil {
		t.Errorf("View while another process writes: %v", err)
	}
	// A caller that has no time gets its own answer.
	short, cancel := context.WithTimeout(t.Context(), writerBusy/10)
	defer cancel()
	err := change(short, server, `insert into meta (name, value) values ('short', 'v')`)
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Update with a short deadline: got %v, want its end", err)
	}
	// A caller that has time outlasts the other process.
	retries := server.Stats().Retries
	all.Go(func() {
		if err := change(t.Context(), server, `insert into meta (name, value) values ('long', 'v')`); err != nil {
			t.Errorf("Update beside another process: %v", err)
		}
	})
	for server.Stats().Retries == retries {
		select {
		case <-t.Context().Done():
			t.Fatal("no retry")
		default:
		}
	}
	close(release)
	all.Wait()
}

func TestSQLiteGivesUpOnAnotherProcess(t *testing.T) {
	t.Parallel()
	path := testFile(t)
	server, other := openTest(t, Options{Database: path, RetryFor: writerBusy}), openTest(t, Options{Database: path})
	err := other.Update(t.Context(), func(tx *Tx) error {
		err := change(t.Context(), server, `insert into meta (name, value) values ('a', 'v')`)
		if !isBusy(err) {
			t.Errorf("Update: got %v, want that the database is locked", err)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	if err := change(t.Context(), server, `insert into meta (name, value) values ('a', 'v')`); err != nil {
		t.Errorf("Update when the other process is done: %v", err)
	}
}

func TestSQLiteViewsBeyondTheReadersWait(t *testing.T) {
	t.Parallel()
	s := openTest(t, Options{Database: testFile(t), MaxConns: 1})
	err := s.View(t.Context(), func(*Tx) error {
		ctx, cancel := context.WithCancel(t.Context())
		go cancel()
		if err := s.View(ctx, func(*Tx) error { return nil }); !errors.Is(err, context.Canceled) {
			t.Errorf("View without a free reader: got %v, want context.Canceled", err)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}
