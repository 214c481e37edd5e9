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
	wake  chan struct{} // something waits, or a batch is full
	flush chan chan error
	stop  chan struct{}
	once  sync.Once
	ended chan struct{}
	lost  atomic.Int64

	mu      sync.Mutex
	waiting []user.Event
}

// NewRecorder starts a recorder. It must be ended with Close.
func NewRecorder(s *store.Store, log *slog.Logger) *Recorder {
	r := &Recorder{
		store: s, log: log, wake: make(chan struct{}, 1), flush: make(chan chan error), stop: make(chan struct{}), ended: make(chan struct{}),
	}
	go r.run()
	return r
}

// Add takes an event in, or drops it when too many wait.
func (r *Recorder) Add(e user.Event) {
	r.mu.Lock()
	n := len(r.waiting)
	if n < recorderQueue {
		r.waiting = append(r.waiting, e)
	}
	r.mu.Unlock()
	switch {
	case n == recorderQueue:
		r.drop(1)
	case n == 0 || n+1 == recorderBatch:
		select {
		case r.wake <- struct{}{}:
		default:
		}
	}
}

func (r *Recorder) drop(n int) {
	if r.lost.Add(int64(n)) == int64(n) {
		r.log.Error("events are dropped: too many wait to be written", "waiting", recorderQueue)
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

// run writes events when a batch is full or the oldest has waited for long enough. A timer runs only while some wait.
func (r *Recorder) run() {
	defer close(r.ended)
	timer := time.NewTimer(recorderDelay)
	timer.Stop()
	left := 0 // of the last batch, which failed and is to be tried again
	for {
		select {
		case <-r.wake:
			switch n := r.count(); {
			case left > 0: // the timer runs; until then the database gets a rest
				continue
			case n >= recorderBatch:
				left = r.save()
			}
		case <-timer.C:
			left = r.save()
		case done := <-r.flush:
			if left = r.save(); left > 0 {
				done <- errUnwritten
			} else {
				done <- nil
			}
		case <-r.stop:
			if left = r.save(); left > 0 {
				r.log.Error("events are lost: the server stops and the database does not take them", "events", left)
			}
			return
		}
		if r.count() > 0 {
			timer.Reset(recorderDelay)
		}
	}
}

func (r *Recorder) count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.waiting)
}

// save writes what waits and returns how many events have to be tried again. They go back to the front of the queue, whose newest make
// room for them.
func (r *Recorder) save() (left int) {
	for {
		batch := r.take()
		if len(batch) == 0 {
			return 0
		}
		ctx, cancel := context.WithTimeout(context.Background(), recorderLimit)
		err := r.store.Update(ctx, func(tx *store.Tx) error { return tx.SaveEvents(batch) })
		cancel()
		if err != nil {
			r.log.Error("events not written", "events", len(batch), "error", err)
			r.putBack(batch)
			return len(batch)
		}
	}
}

// take removes a batch from the front of the queue.
func (r *Recorder) take() []user.Event {
	r.mu.Lock()
	batch := r.waiting[:min(len(r.waiting), recorderBatch)]
	if r.waiting = r.waiting[len(batch):]; len(r.waiting) == 0 {
		r.waiting = nil // gives the memory of a burst back
	}
	r.mu.Unlock()
	return latest(batch)
}

func (r *Recorder) putBack(batch []user.Event) {
	r.mu.Lock()
	all := append(batch[:len(batch):len(batch)], r.waiting...)
	kept := min(len(all), recorderQueue)
	r.waiting = all[:kept:kept]
	r.mu.Unlock()
	if over := len(all) - kept; over > 0 {
		r.drop(over)
	}
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
			out[i] = e.After(out[i])
			continue
		}
		at[k] = len(out)
		out = append(out, e)
	}
	return out
}
