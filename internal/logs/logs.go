// Package logs delivers the logs of pools (SetLogDeliveryConfiguration): messages that could not be delivered, and what users of pools with
// threat protection do.
//
// A record is added to the Outbox, which never makes a request wait. It is written to the store and waits there until a Courier, on
// whichever node takes the lease first, hands it to the Sink that the operator configured. A record that was not taken is tried again for
// a day. Delivery is at least once: a node that dies between delivering and noting it leaves the record to another, so each has an id.
// Start with Outbox and Courier.
package logs

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
)

const (
	maxHeld   = 10_000      // records in memory; more are dropped
	batch     = 200         // records in one transaction, and in one lease
	holdFor   = time.Second // how long a record waits for others
	saveLimit = 10 * time.Second
)

// Outbox writes records to the store behind the requests' backs. What it holds lives in memory: Close it before the process ends. A nil
// Outbox takes nothing.
type Outbox struct {
	store *store.Store
	now   func() time.Time
	log   *slog.Logger

	mu   sync.Mutex
	held []pool.LogRecord
	lost int64

	wake  chan struct{}
	stop  chan struct{}
	once  sync.Once
	ended chan struct{}
}

// NewOutbox starts an outbox. It must be ended with Close.
func NewOutbox(s *store.Store, now func() time.Time, log *slog.Logger) *Outbox {
	o := &Outbox{store: s, now: now, log: log, wake: make(chan struct{}, 1), stop: make(chan struct{}), ended: make(chan struct{})}
	go o.run()
	return o
}

// add takes a record in, or drops it when too many are held.
func (o *Outbox) add(r pool.LogRecord) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.held) >= maxHeld {
		if o.lost++; o.lost == 1 {
			o.log.Error("log records are dropped: too many wait to be written", "waiting", maxHeld)
		}
		return
	}
	if o.held = append(o.held, r); len(o.held) == 1 {
		select {
		case o.wake <- struct{}{}:
		default:
		}
	}
}

// Close writes what is held. A second call is harmless.
func (o *Outbox) Close(ctx context.Context) error {
	if o == nil {
		return nil
	}
	o.once.Do(func() { close(o.stop) })
	select {
	case <-o.ended:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (o *Outbox) run() {
	defer close(o.ended)
	for {
		select {
		case <-o.wake:
		case <-o.stop:
			o.save()
			return
		}
		for !o.save() {
			if !pause(o.stop, holdFor) {
				break
			}
		}
	}
}

// save waits for more records and writes them. It reports whether all are written.
func (o *Outbox) save() bool {
	pause(o.stop, holdFor)
	for {
		o.mu.Lock()
		part := o.held[:min(len(o.held), batch)]
		o.mu.Unlock()
		if len(part) == 0 {
			return true
		}
		ctx, cancel := context.WithTimeout(context.Background(), saveLimit)
		err := o.store.Update(ctx, func(tx *store.Tx) error { return tx.AddLogRecords(part) })
		cancel()
		if err != nil {
			o.log.Error("log records not written", "records", len(part), "error", err)
			return false
		}
		o.mu.Lock()
		o.held = append([]pool.LogRecord(nil), o.held[len(part):]...)
		o.mu.Unlock()
	}
}

// pause waits, and reports false when stop ends it.
func pause(stop <-chan struct{}, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-stop:
		return false
	}
}
