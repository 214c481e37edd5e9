package store

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/internal/cenotetest/pgtest"
)

// openThrough opens the database through a proxy; a silent server is given up soon.
func openThrough(t *testing.T, p *pgtest.Proxy, o Options) *Store {
	t.Helper()
	o.Database = p.URL
	s := openTest(t, o)
	s.engine.(*postgresEngine).silence.Store(int64(2 * time.Second))
	return s
}

func names(t *testing.T, database, prefix string) (found []string) {
	t.Helper()
	err := openTest(t, Options{Database: database}).View(t.Context(), func(tx *Tx) (err error) {
		found, err = tx.MetaNames(prefix)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestPostgresLostAnswerToACommitIsFoundOut(t *testing.T) {
	t.Parallel()
	database := pgtest.Start(t)
	p := pgtest.StartProxy(t, database)
	s := openThrough(t, p, Options{})
	attempts := 0
	err := s.Update(t.Context(), func(tx *Tx) error {
		attempts++
		if err := tx.SetMeta(fmt.Sprintf("attempt.%d", attempts), "v"); err != nil {
			return err
		}
		p.LoseAnswers()
		return nil
	})
	if err != nil || attempts != 1 {
		t.Errorf("got %v after %d attempts, want to hear of the success of the first", err, attempts)
	}
	if diff := cmp.Diff([]string{"attempt.1"}, names(t, database, "attempt.")); diff != "" {
		t.Errorf("changes (-want +got):\n%s", diff)
	}
	if st := s.Stats(); st.Settled != 1 || st.Unknown != 0 || st.Updates != 1 {
		t.Errorf("stats %+v, want one settled commit", st)
	}
}

func TestPostgresCommitThatNeverArrivedIsTriedAgainAndCannotArriveLater(t *testing.T) {
	t.Parallel()
	database := pgtest.Start(t)
	p := pgtest.StartProxy(t, database)
	s := openThrough(t, p, Options{})
	var release func()
	attempts := 0
	err := s.Update(t.Context(), func(tx *Tx) error {
		attempts++
		if err := tx.SetMeta(fmt.Sprintf("attempt.%d", attempts), "v"); err != nil {
			return err
		}
		if attempts == 1 {
			release = p.HoldRequests()
		}
		return nil
	})
	if err != nil || attempts != 2 {
		t.Fatalf("got %v after %d attempts, want success with the second", err, attempts)
	}
	release() // the first commit arrives now
	conn := func() (busy int) {
		err := openTest(t, Options{Database: database}).View(t.Context(), func(tx *Tx) error {
			return tx.queryRow(`select count(*) from pg_stat_activity where datname = current_database() and state like 'idle in transaction%'
				and pid <> pg_backend_pid()`).Scan(&busy)
		})
		if err != nil {
			t.Fatal(err)
		}
		return busy
	}
	for end := time.Now().Add(5 * time.Second); conn() > 0; {
		if time.Now().After(end) {
			t.Fatal("the transaction of the first attempt does not end")
		}
	}
	if diff := cmp.Diff([]string{"attempt.2"}, names(t, database, "attempt.")); diff != "" {
		t.Errorf("changes (-want +got):\n%s", diff)
	}
}

func TestPostgresThatFreezesIsGivenUp(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		call func(ctx context.Context, s *Store) error
	}{
		{"a View", func(ctx context.Context, s *Store) error {
			return s.View(ctx, func(tx *Tx) error { _, _, err := tx.Meta("a"); return err })
		}},
		{"an Update", func(ctx context.Context, s *Store) error {
			return s.Update(ctx, func(tx *Tx) error { return tx.SetMeta("a", "v") })
		}},
		{"a Ping", func(ctx context.Context, s *Store) error { return s.Ping(ctx) }},
		{"a Sweep", func(ctx context.Context, s *Store) error { return s.Sweep(ctx, time.Now()) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := pgtest.StartProxy(t, pgtest.Start(t))
			s := openThrough(t, p, Options{RetryFor: 5 * time.Second})
			if err := c.call(t.Context(), s); err != nil {
				t.Fatal(err)
			}
			p.Freeze()
			ended := make(chan error, 1)
			go func() { ended <- c.call(t.Context(), s) }()
			select {
			case err := <-ended:
				if err == nil {
					t.Error("no error from a frozen database")
				}
			case <-time.After(30 * time.Second):
				t.Fatal("waits for ever")
			}
			p.Thaw()
			if err := c.call(t.Context(), s); err != nil {
				t.Errorf("after the database is back: %v", err)
			}
		})
	}
}

func TestPostgresRequestWaitsOnceForAllItsTransactions(t *testing.T) {
	t.Parallel()
	p := pgtest.StartProxy(t, pgtest.Start(t))
	s := openThrough(t, p, Options{RetryFor: time.Minute})
	meta := func(tx *Tx) error { _, _, err := tx.Meta("a"); return err }
	ctx := Patient(t.Context(), 5*time.Second)
	if err := s.View(ctx, meta); err != nil {
		t.Fatal(err)
	}
	p.Freeze()
	first := s.View(ctx, meta)
	if first == nil {
		t.Fatal("no error from a frozen database")
	}
	retries := s.Stats().Retries
	for what, err := range map[string]error{
		"a View":        s.View(ctx, meta),
		"an Update":     s.Update(ctx, func(tx *Tx) error { return tx.SetMeta("a", "v") }),
		"a cached read": func() error { _, err := s.Pool(ctx, "us-east-1_abcdefghi"); return err }(),
	} {
		if !errors.Is(err, first) {
			t.Errorf("%s after the wait was over: got %v, want %v", what, err, first)
		}
	}
	if got := s.Stats().Retries; got != retries {
		t.Errorf("%d more attempts, want none", got-retries)
	}
	p.Thaw()
	if err := s.View(Patient(t.Context(), 5*time.Second), meta); err != nil {
		t.Errorf("the next request: %v", err)
	}
}

func TestPostgresSilentConnectionsAreReplacedWithinTheBudget(t *testing.T) {
	t.Parallel()
	p := pgtest.StartProxy(t, pgtest.Start(t))
	s := openThrough(t, p, Options{})
	if err := s.Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
	p.HoldRequests() // of the connections there are, and never released
	if err := s.Update(t.Context(), func(tx *Tx) error { return tx.SetMeta("a", "v") }); err != nil {
		t.Errorf("with other connections possible: %v", err)
	}
}

func TestPostgresStandbyIsRefusedUntilThePrimaryIsReached(t *testing.T) {
	t.Parallel()
	database := pgtest.Start(t)
	openTest(t, Options{Database: database}) // makes the schema
	standby := pgtest.Standby(t, database)
	p := pgtest.StartProxy(t, standby)
	s, err := Open(t.Context(), Options{Database: p.URL, Now: time.Now, RetryFor: 3 * time.Second})
	if !errors.Is(err, errStandby) {
		if err == nil {
			s.Close()
		}
		t.Errorf("a store on a standby: got %v, want errStandby", err)
	}
	opened := make(chan error, 1)
	before := p.Accepted()
	go func() {
		s, err := Open(t.Context(), Options{Database: p.URL, Now: time.Now})
		if err == nil {
			err = errors.Join(s.View(t.Context(), func(tx *Tx) error { _, _, err := tx.Meta("a"); return err }), s.Close())
		}
		opened <- err
	}()
	for p.Accepted() < before+2 {
		time.Sleep(time.Millisecond)
	}
	p.Lead(t, database)
	if err := <-opened; err != nil {
		t.Errorf("a store that is led to the primary after a while: %v", err)
	}
}

func TestPostgresMarksAreSwept(t *testing.T) {
	t.Parallel()
	s := openTest(t, Options{Database: pgtest.Start(t)})
	count := func() (n int) {
		err := s.View(t.Context(), func(tx *Tx) error { return tx.queryRow(`select count(*) from commits`).Scan(&n) })
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	if err := s.Update(t.Context(), func(tx *Tx) error { return tx.SetMeta("a", "v") }); err != nil {
		t.Fatal(err)
	}
	if got := count(); got != 1 {
		t.Errorf("%d marks after one change, want 1", got)
	}
	if err := s.Update(t.Context(), func(tx *Tx) error { _, _, err := tx.Meta("a"); return err }); err != nil {
		t.Fatal(err)
	}
	if got := count(); got != 1 {
		t.Errorf("%d marks, want none of an Update that changed nothing", got)
	}
	if err := change(t.Context(), s, `insert into commits (id, kept) values ('`+markSince(2*time.Hour)+`A', true)`); err != nil {
		t.Fatal(err)
	}
	if err := s.Sweep(t.Context(), time.Now()); err != nil {
		t.Fatal(err)
	}
	if got := count(); got < 2 || got > 3 { // of the changes above, and of the sweep
		t.Errorf("%d marks after the sweep, want the fresh ones", got)
	}
}
