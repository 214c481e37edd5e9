package audit

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/user"
)

var errUnwritten = errors.New("events could not be written")

const (
	recorderQueue = 20_000      // events that wait: a burst of a few seconds
	recorderBatch = 500         // events in one transaction
	recorderDelay = time.Second // how old an event gets before it is written
	recorderLimit = 10 * time.Second
)

// Recorder writes events behind the requests' backs, many at a time. Adding one never waits: when the database cannot keep up, events
// are dropped and counted. What waits lives in memory, so a process that is killed loses the last second.
type Recorder struct {
	store *store.Store
	log   *slog.Logger
	queue chan user.Event
	flush chan chan error
	stop  chan struct{}
	once  sync.Once
	ended chan struct{}
	lost  atomic.Int64
}

// NewRecorder starts a recorder. It must be ended with Close.
func NewRecorder(s *store.Store, log *slog.Logger) *Recorder {
	r := &Recorder{
		store: s, log: log, queue: make(chan user.Event, recorderQueue), flush: make(chan chan error),
		stop: make(chan struct{}), ended: make(chan struct{}),
	}
	go r.run()
	return r
}

// Add takes an event in, or drops it when too many wait.
func (r *Recorder) Add(e user.Event) {
	select {
	case r.queue <- e:
	default:
		if r.lost.Add(1) == 1 {
			r.log.Error("events are dropped: too many wait to be written", "waiting", recorderQueue)
		}
	}
}

// Lost returns how many events were dropped.
func (r *Recorder) Lost() int64 { return r.lost.Load() }

// Flush waits until everything that was added before is written, so that whoever reads next finds it.
func (r *Recorder) Flush(ctx context.Context) error {
	done := make(chan error, 1)
	select {
	case r.flush <- done:
	case <-r.ended:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Close writes what waits and ends the recorder. When ctx ends first, the rest is lost and its error comes back. Events that are added
// from then on are dropped. A second call is harmless.
func (r *Recorder) Close(ctx context.Context) error {
	r.once.Do(func() { close(r.stop) })
	select {
	case <-r.ended:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// run gathers events and writes them. A timer runs only while there are some.
func (r *Recorder) run() {
	defer close(r.ended)
	var batch []user.Event
	timer := time.NewTimer(recorderDelay)
	timer.Stop()
	for {
		select {
		case e := <-r.queue:
			if len(batch) == 0 {
				timer.Reset(recorderDelay)
			}
			if batch = append(batch, e); len(batch) < recorderBatch {
				continue
			}
			batch = r.save(batch)
		case <-timer.C:
			batch = r.save(batch)
		case done := <-r.flush:
			batch = r.save(r.drain(batch))
			if len(batch) > 0 {
				done <- errUnwritten
			} else {
				done <- nil
			}
		case <-r.stop:
			batch = r.save(r.drain(batch))
			if len(batch) > 0 {
				r.log.Error("events are lost: the server stops and the database does not take them", "events", len(batch))
			}
			return
		}
		if len(batch) > 0 { // it failed: try again
			timer.Reset(recorderDelay)
		}
	}
}

// drain adds what waits to the batch.
func (r *Recorder) drain(batch []user.Event) []user.Event {
	for {
		select {
		case e := <-r.queue:
			batch = append(batch, e)
		default:
			return batch
		}
	}
}

// save writes a batch and returns what of it has to be tried again. While the database is away, a batch does not grow: the queue does,
// to its end.
func (r *Recorder) save(batch []user.Event) []user.Event {
	batch = latest(batch)
	for len(batch) > 0 {
		part := batch[:min(len(batch), recorderBatch)]
		ctx, cancel := context.WithTimeout(context.Background(), recorderLimit)
		err := r.store.Update(ctx, func(tx *store.Tx) error { return tx.SaveEvents(part) })
		cancel()
		if err != nil {
			r.log.Error("events not written", "events", len(batch), "error", err)
			return batch
		}
		batch = batch[len(part):]
	}
	return nil
}

// latest leaves of each event only its last state, in the order of their first.
func latest(batch []user.Event) []user.Event {
	if len(batch) < 2 {
		return batch
	}
	type key struct{ poolID, id string }
	at := make(map[key]int, len(batch))
	var out []user.Event
	for _, e := range batch {
		k := key{e.PoolID, e.ID}
		if i, ok := at[k]; ok {
			out[i] = e
			continue
		}
		at[k] = len(out)
		out = append(out, e)
	}
	return out
}
