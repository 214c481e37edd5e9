package storetest

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/wire"
)

func logRecords(t *testing.T, b *bed) {
	p := b.newPool(t, wire.UserPoolType{UserPoolTier: pool.Plus})
	if p.ShowLogs().LogConfigurations == nil {
		t.Error("a pool without logs shows no list")
	}
	set := []wire.LogConfigurationType{{EventSource: pool.ActivityLogs, LogLevel: "INFO", FirehoseConfiguration: &wire.FirehoseConfigurationType{
		StreamArn: "arn:aws:firehose:eu-west-1:123456789012:deliverystream/people",
	}}}
	b.update(t, func(tx *store.Tx) error {
		now, err := tx.Pool(p.ID)
		if err != nil {
			return err
		}
		if err := now.SetLogs(set); err != nil {
			return err
		}
		return tx.SavePool(now)
	})
	b.view(t, func(tx *store.Tx) error {
		got, err := tx.Pool(p.ID)
		if err != nil {
			return err
		}
		if diff := cmp.Diff(set, got.ShowLogs().LogConfigurations); diff != "" {
			t.Errorf("log configurations (-want +got):\n%s", diff)
		}
		return nil
	})
	record := func(i int) pool.LogRecord {
		return pool.LogRecord{PoolID: p.ID, ID: fmt.Sprint("r", i), Source: pool.ActivityLogs, Text: `{"é":1}`, Created: noon.Add(time.Duration(i) * time.Second)}
	}
	lease := func(now time.Time, limit int) (ids []string) {
		b.update(t, func(tx *store.Tx) error {
			taken, err := tx.LeaseLogRecords(now, now.Add(time.Minute), limit)
			ids = nil
			for _, r := range taken {
				ids = append(ids, r.ID)
			}
			slices.Sort(ids)
			return err
		})
		return ids
	}
	want := func(got []string, want ...string) {
		t.Helper()
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("leased (-want +got):\n%s", diff)
		}
	}
	due := func(now time.Time, want bool) {
		t.Helper()
		b.view(t, func(tx *store.Tx) error {
			got, err := tx.LogRecordsDue(now)
			if got != want {
				t.Errorf("due: %v, want %v", got, want)
			}
			return err
		})
	}
	due(noon, false)
	b.update(t, func(tx *store.Tx) error {
		return tx.AddLogRecords([]pool.LogRecord{record(0), record(1), record(2), record(9)})
	})
	b.update(t, func(tx *store.Tx) error { return tx.AddLogRecords([]pool.LogRecord{record(0)}) }) // again
	now := noon.Add(5 * time.Second)
	due(now, true)
	want(lease(now, 2), "r0", "r1") // the oldest first
	want(lease(now, 9), "r2")       // the others are leased, or not due
	want(lease(now, 9))
	due(now, false)

	b.update(t, func(tx *store.Tx) error {
		if err := tx.DeleteLogRecords([]pool.LogRecord{record(0), record(9)}); err != nil {
			return err
		}
		return tx.PostponeLogRecords([]pool.LogRecord{record(1)}, now.Add(time.Hour))
	})
	now = now.Add(time.Minute)
	b.update(t, func(tx *store.Tx) error { // a lease that ended
		taken, err := tx.LeaseLogRecords(now, now, 9)
		wanted := record(2)
		wanted.Tries = 2
		if diff := cmp.Diff([]pool.LogRecord{wanted}, taken); err == nil && diff != "" {
			t.Errorf("leased (-want +got):\n%s", diff)
		}
		return err
	})
	want(lease(now.Add(time.Hour), 9), "r1", "r2")
}

// logLeases has several nodes take leases at once.
func logLeases(t *testing.T, b *bed) {
	p := b.newPool(t, wire.UserPoolType{})
	var records []pool.LogRecord
	for i := range 60 {
		records = append(records, pool.LogRecord{PoolID: p.ID, ID: fmt.Sprintf("r%02d", i), Source: pool.ActivityLogs, Text: `{}`, Created: noon})
	}
	b.update(t, func(tx *store.Tx) error { return tx.AddLogRecords(records) })
	var mu sync.Mutex
	seen := map[string]int{}
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for {
				var taken []pool.LogRecord
				err := b.Update(t.Context(), func(tx *store.Tx) (err error) {
					taken, err = tx.LeaseLogRecords(noon, noon.Add(time.Hour), 7)
					return err
				})
				if err != nil {
					t.Error(err)
					return
				}
				if len(taken) == 0 {
					return
				}
				mu.Lock()
				for _, r := range taken {
					seen[r.ID]++
				}
				mu.Unlock()
			}
		})
	}
	group.Wait()
	for id, n := range seen {
		if n != 1 {
			t.Errorf("%s was leased %d times", id, n)
		}
	}
	if len(seen) != len(records) {
		t.Errorf("%d of %d records were leased", len(seen), len(records))
	}
}
