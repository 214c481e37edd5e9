package store

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/cenote-id/cenote/internal/cenotetest/pgtest"
)

func TestPostgresRunsAgainAfterALostConnection(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		update bool
		harm   func(t *testing.T, database string, tx *Tx) // done in the first attempt
	}{
		{"an Update whose connection is cut", true, cutConnection},
		{"a View whose connection is cut", false, cutConnection},
		{"an Update on a server that became read-only", true, func(t *testing.T, _ string, tx *Tx) {
			if _, err := tx.exec(`set transaction read only`); err != nil {
				t.Error(err)
			}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			database := pgtest.Start(t)
			s := openTest(t, Options{Database: database, Now: time.Now})
			attempts := 0
			run := s.View
			if c.update {
				run = s.Update
			}
			err := run(t.Context(), func(tx *Tx) error {
				if attempts++; attempts == 1 {
					c.harm(t, database, tx)
				}
				if c.update {
					return tx.SetMeta("attempts", fmt.Sprint(attempts))
				}
				_, _, err := tx.Meta("attempts")
				return err
			})
			if err != nil || attempts != 2 {
				t.Errorf("got %v after %d attempts, want success with the second", err, attempts)
			}
			if got := s.Stats().Retries; got != 1 {
				t.Errorf("%d retries counted, want 1", got)
			}
		})
	}
}

func cutConnection(t *testing.T, database string, tx *Tx) {
	var pid int
	if err := tx.queryRow(`select pg_backend_pid()`).Scan(&pid); err != nil {
		t.Error(err)
	}
	pgtest.Exec(t, database, `select pg_terminate_backend($1, 5000)`, pid)
}

func TestPostgresTransactionsThatLoseAgainAndAgainTakeTurns(t *testing.T) {
	t.Parallel()
	s := openTest(t, Options{Database: pgtest.Start(t)})
	var all sync.WaitGroup
	var alone, others atomic.Int64
	for range 8 {
		all.Go(func() {
			attempts := 0
			err := s.Update(t.Context(), func(tx *Tx) error {
				if attempts++; attempts > crowd {
					if alone.Add(1) > 1 {
						others.Add(1)
					}
					defer alone.Add(-1)
				}
				if attempts <= crowd+3 {
					_, err := tx.exec(`do $$ begin raise exception 'another was first' using errcode = '40001'; end $$`)
					return err
				}
				return tx.SetMeta("a", "v")
			})
			if err != nil || attempts != crowd+4 {
				t.Errorf("got %v after %d attempts, want success with number %d", err, attempts, crowd+4)
			}
		})
	}
	all.Wait()
	if n := others.Load(); n > 0 {
		t.Errorf("%d attempts were made beside another one that had lost as often", n)
	}
}

func TestPostgresDropsThePoolAfterAFailover(t *testing.T) {
	t.Parallel()
	database := pgtest.Start(t)
	s := openTest(t, Options{Database: database, MaxConns: 4})
	// Four connections, of which all are at rest when all are cut.
	var nest func(depth int) error
	nest = func(depth int) error {
		return s.View(t.Context(), func(tx *Tx) error {
			if depth == 1 {
				return nil
			}
			return nest(depth - 1)
		})
	}
	if err := nest(4); err != nil {
		t.Fatal(err)
	}
	if got := s.Stats().Open; got != 4 {
		t.Fatalf("%d connections open, want 4", got)
	}
	pgtest.Exec(t, database, `select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`)
	if err := change(t.Context(), s, `insert into meta (name, value) values ('a', 'v')`); err != nil {
		t.Errorf("Update after the failover: %v", err)
	}
	if got := s.Stats().Retries; got > 1 {
		t.Errorf("%d retries, want at most one for the whole pool", got)
	}
}

func TestPostgresGivesUpWhenItsTimeIsOver(t *testing.T) {
	t.Parallel()
	s := openTest(t, Options{Database: pgtest.Start(t), RetryFor: 3 * time.Second})
	attempts := 0
	err := s.Update(t.Context(), func(tx *Tx) error {
		attempts++
		if _, err := tx.exec(`set transaction read only`); err != nil {
			return err
		}
		return tx.SetMeta("a", "v")
	})
	if !isReadOnly(err) || attempts < 2 {
		t.Errorf("got %v after %d attempts, want the server's refusal after some", err, attempts)
	}
}

func TestPostgresDoesNotRepeatAWriteHiddenInAView(t *testing.T) {
	t.Parallel()
	s := openTest(t, Options{Database: pgtest.Start(t)})
	attempts := 0
	err := s.View(t.Context(), func(tx *Tx) error {
		attempts++
		var name string
		return tx.queryRow(`insert into meta (name, value) values ('a', 'v') returning name`).Scan(&name)
	})
	if !isReadOnly(err) || attempts != 1 {
		t.Errorf("got %v after %d attempts, want one refusal", err, attempts)
	}
}

// A commit that waits for a standby which is gone has happened on this server only. Whatever ends the wait, the caller must not
// hear that it succeeded, nor that it failed.
func TestPostgresCommitThatWasNotReplicatedIsUnknown(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		end  func(t *testing.T, database string, pid int, cancel context.CancelFunc)
	}{
		{"the wait is cancelled and the server says COMMIT", func(t *testing.T, database string, pid int, _ context.CancelFunc) {
			pgtest.Exec(t, database, `select pg_cancel_backend($1)`, pid)
		}},
		{"the server ends the connection", func(t *testing.T, database string, pid int, _ context.CancelFunc) {
			pgtest.Exec(t, database, `select pg_terminate_backend($1)`, pid)
		}},
		{"the caller gives up", func(_ *testing.T, _ string, _ int, cancel context.CancelFunc) { cancel() }},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			database := pgtest.Start(t)
			openTest(t, Options{Database: database, Now: time.Now}) // migrates without waiting for the standby
			u, err := url.Parse(database)
			if err != nil {
				t.Fatal(err)
			}
			q := u.Query()
			q.Set("synchronous_commit", "on")
			u.RawQuery = q.Encode()
			s := openTest(t, Options{Database: u.String(), RetryFor: 3 * time.Second})

			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			attempts := 0
			done := make(chan error, 1)
			go func() {
				done <- s.Update(ctx, func(tx *Tx) error {
					attempts++
					return tx.SetMeta("a", "v")
				})
			}()
			c.end(t, database, waitForStandby(t, database, done), cancel)
			if err := <-done; !errors.Is(err, ErrUnknownOutcome) || attempts != 1 {
				t.Errorf("Update: got %v after %d attempts, want an unknown outcome after one", err, attempts)
			}
			if st := s.Stats(); st.Unknown != 1 || st.Updates != 0 || st.Open != 0 {
				t.Errorf("stats %+v, want one unknown commit and its connection closed", st)
			}
		})
	}
}

// waitForStandby waits until a commit hangs in the wait for a standby and returns the process that serves it.
func waitForStandby(t *testing.T, database string, done <-chan error) (pid int) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), database)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	for {
		select {
		case err := <-done:
			if err == nil {
				t.Skip("this server waits for no standby")
			}
			t.Fatalf("Update ended before its commit: %v", err)
		default:
		}
		err := conn.QueryRow(t.Context(), `select pid from pg_stat_activity where datname = current_database() and wait_event = 'SyncRep'`).Scan(&pid)
		if err == nil {
			return pid
		}
		if !errors.Is(err, pgx.ErrNoRows) {
			t.Fatal(err)
		}
	}
}

func TestPostgresURLsThatAreWrong(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, database, says string
	}{
		{"a port that is no number", "postgres://cenote:hunter2@127.0.0.1:port/db", "port"},
		{"a pool size that is no number", "postgres://cenote:hunter2@127.0.0.1/db?pool_max_conns=many", "pool_max_conns"},
		{"a server that is not there", "postgres://cenote:hunter2@127.0.0.1:1/db", "connect"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := Open(t.Context(), Options{Database: c.database, Now: time.Now, RetryFor: 50 * time.Millisecond})
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("got %v, want a word about %s", err, c.says)
			}
			if err != nil && strings.Contains(err.Error(), "hunter2") {
				t.Errorf("the error tells the password: %v", err)
			}
		})
	}
}
