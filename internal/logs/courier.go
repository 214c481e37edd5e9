package logs

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"time"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
)

const (
	every       = 2 * time.Second // how often a node looks for records
	lease       = time.Minute     // how long a node has for what it took
	deliverFor  = 45 * time.Second
	firstPause  = 2 * time.Second // before another try, doubled with each
	lastPause   = 5 * time.Minute
	givesUpOver = 24 * time.Hour // of age
)

// Sink is where records go. Deliver hands over records of one destination, oldest first; when it returns nil, they are in somebody else's
// hands. It ends with its context.
type Sink interface {
	Deliver(ctx context.Context, to pool.LogDestination, records []pool.LogRecord) error
}

// Courier takes records from the store to the sink.
type Courier struct {
	Store *store.Store
	Sink  Sink
	Now   func() time.Time
	Log   *slog.Logger
}

// Run delivers until ctx ends.
func (c *Courier) Run(ctx context.Context) {
	for pause(ctx.Done(), every) {
		for {
			n, err := c.Round(ctx)
			if err != nil && ctx.Err() == nil {
				c.Log.Error("log records not delivered", "error", err)
			}
			if n == 0 || err != nil {
				break
			}
		}
	}
}

// Round takes a lease on some records that are due and delivers them. It returns how many it took.
func (c *Courier) Round(ctx context.Context) (int, error) {
	now := c.Now()
	var due bool
	err := c.Store.View(ctx, func(tx *store.Tx) (err error) {
		due, err = tx.LogRecordsDue(now)
		return err
	})
	if err != nil || !due {
		return 0, err
	}
	var taken []pool.LogRecord
	err = c.Store.Update(ctx, func(tx *store.Tx) (err error) {
		taken, err = tx.LeaseLogRecords(now, now.Add(lease), batch)
		return err
	})
	if err != nil {
		return 0, err
	}
	limited, cancel := context.WithTimeout(ctx, deliverFor)
	defer cancel()
	var errs []error
	for _, group := range grouped(taken) {
		errs = append(errs, c.deliver(limited, group))
	}
	return len(taken), errors.Join(errs...)
}

// deliver hands over the records of one pool and source, and notes what became of them.
func (c *Courier) deliver(ctx context.Context, records []pool.LogRecord) error {
	to, wanted, err := c.destination(ctx, records[0])
	if err != nil {
		return err
	}
	if wanted {
		if err := c.Sink.Deliver(ctx, to, records); err != nil {
			return c.postpone(context.WithoutCancel(ctx), to, records, err)
		}
	}
	return c.Store.Update(context.WithoutCancel(ctx), func(tx *store.Tx) error { return tx.DeleteLogRecords(records) })
}

// destination returns where the record's pool wants it now, which may have changed since.
func (c *Courier) destination(ctx context.Context, r pool.LogRecord) (to pool.LogDestination, wanted bool, err error) {
	p, err := c.Store.Pool(ctx, r.PoolID)
	if fault.Is(err, fault.ResourceNotFound) {
		return to, false, nil
	}
	if err != nil {
		return to, false, err
	}
	to, wanted = p.LogDestination(r.Source)
	return to, wanted, nil
}

// postpone has the records tried again later; those that are too old are given up.
func (c *Courier) postpone(ctx context.Context, to pool.LogDestination, records []pool.LogRecord, cause error) error {
	now := c.Now()
	tries := 0
	var old, rest []pool.LogRecord
	for _, r := range records {
		if now.Sub(r.Created) > givesUpOver {
			old = append(old, r)
			continue
		}
		rest, tries = append(rest, r), max(tries, r.Tries)
	}
	due := now.Add(min(lastPause, firstPause<<min(max(tries-1, 0), 10)))
	c.Log.Warn("log records not delivered", "pool", records[0].PoolID, "destination", to.ARN, "records", len(records), "lost", len(old), "error", cause)
	return c.Store.Update(ctx, func(tx *store.Tx) error {
		return errors.Join(tx.DeleteLogRecords(old), tx.PostponeLogRecords(rest, due))
	})
}

// grouped splits records by pool and source, each oldest first.
func grouped(records []pool.LogRecord) [][]pool.LogRecord {
	type key struct{ poolID, source string }
	at := map[key]int{}
	var groups [][]pool.LogRecord
	slices.SortStableFunc(records, func(a, b pool.LogRecord) int { return a.Created.Compare(b.Created) })
	for _, r := range records {
		k := key{r.PoolID, r.Source}
		i, ok := at[k]
		if !ok {
			i = len(groups)
			at[k], groups = i, append(groups, nil)
		}
		groups[i] = append(groups[i], r)
	}
	return groups
}
