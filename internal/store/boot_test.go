package store

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"
)

func TestWhatAMachineMayHaveLost(t *testing.T) {
	t.Parallel()
	const first, second = "2d0b5a4e-0000-4000-8000-000000000001", "2d0b5a4e-0000-4000-8000-000000000002"
	at := func(hour int) time.Time { return time.Date(2026, 11, 30, hour, 0, 0, 0, time.UTC) }
	file := testFile(t)
	for hour, c := range []struct {
		boot string
		want time.Time
	}{
		{first, time.Time{}}, // nothing was ever written without a sync
		{first, time.Time{}},
		{second, at(2)},
		{second, at(2)}, // the process ended, and the machine did not
		{first, at(4)},  // another machine
		{"", at(5)},     // one that tells nothing
		{"", at(5)},
		{second, at(7)},
	} {
		s, err := Open(t.Context(), Options{Database: file, boot: func() string { return c.boot }, Now: func() time.Time { return at(hour) }})
		if err != nil {
			t.Fatal(err)
		}
		if !s.Lost().Equal(c.want) {
			t.Errorf("%d: what was written before %v may be lost, want %v", hour, s.Lost(), c.want)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}

// safety reads what the connection's commits wait for: 1 no sync, 2 a sync of the log.
func safety(got *int) func(*Tx) error {
	return func(tx *Tx) error {
		if err := tx.SetMeta("safety", fmt.Sprint(*got)); err != nil {
			return err
		}
		return tx.queryRow("pragma main.synchronous").Scan(got)
	}
}

func TestOnlyUnsyncedWaitsForNoSync(t *testing.T) {
	t.Parallel()
	for boot, lax := range map[string]int{"a": 1, "": 2} {
		s := openTest(t, Options{Database: testFile(t), boot: func() string { return boot }})
		for i, c := range []struct {
			change func(context.Context, func(*Tx) error) error
			want   int
		}{{s.Update, 2}, {s.Unsynced, lax}, {s.Unsynced, lax}, {s.Bulk, 2}, {s.Unsynced, lax}, {s.Update, 2}} {
			var got int
			if err := c.change(t.Context(), safety(&got)); err != nil || got != c.want {
				t.Errorf("boot %q, change %d: synchronous is %d, error %v, want %d", boot, i, got, err, c.want)
			}
		}
	}
}

// TestChangesThatNeedASyncGetOne has both kinds wait for each other: those without a need may share a commit with the others, and not the
// other way round.
func TestChangesThatNeedASyncGetOne(t *testing.T) {
	t.Parallel()
	s := openTest(t, Options{Database: testFile(t), boot: func() string { return "a" }})
	var all sync.WaitGroup
	for i := range 32 {
		all.Go(func() {
			for range 50 {
				change := s.Update
				if i%2 == 1 {
					change = s.Unsynced
				}
				var got int
				if err := change(t.Context(), safety(&got)); err != nil {
					t.Error(err)
				}
				if i%2 == 0 && got != 2 {
					t.Errorf("an Update was committed with synchronous = %d", got)
				}
			}
		})
	}
	all.Wait()
}

func TestABrokenWriterForgetsThatItWasLax(t *testing.T) {
	t.Parallel()
	s := openTest(t, Options{Database: testFile(t), boot: func() string { return "a" }})
	var got int
	if err := s.Unsynced(t.Context(), safety(&got)); err != nil || got != 1 {
		t.Fatalf("synchronous is %d, error %v", got, err)
	}
	s.engine.(*sqliteEngine).writer.reconnect()
	if err := errors.Join(s.Unsynced(t.Context(), safety(&got)), s.Update(t.Context(), safety(&got))); err != nil || got != 2 {
		t.Errorf("synchronous is %d, error %v", got, err)
	}
}
