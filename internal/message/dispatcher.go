package message

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
)

// The size of a dispatcher. A pool whose function or mail server hangs keeps its own workers busy, and there are many more.
const (
	poolWorkers  = 8
	totalWorkers = 256
	maxWaiting   = 10_000
	maxLine      = 50 // for one destination
)

// Dispatcher sends messages behind the caller's back. An answer that must not tell whether a user exists cannot wait for
// a mail server, nor report that it failed; failures go to the log instead, without code and destination.
//
// Pools take turns, and so do the destinations of a pool: each has a line of its own (fair.go). A destination gets one message at a time,
// in order; a pool gets at most poolWorkers at once.
//
// What is queued lives in memory: Drain it before the process ends.
type Dispatcher struct {
	log    *slog.Logger
	ctx    context.Context //nolint:containedctx // the life of the sends, ended by Drain
	cancel context.CancelFunc
	done   sync.WaitGroup // counts what waits and what is being sent

	dropped atomic.Int64

	mu     sync.Mutex
	closed bool
	queue  fairQueue
	busy   int // workers
}

// errand is a message on its way. The message tells the log what it is about; send does the work.
type errand struct {
	about Message
	send  func(ctx context.Context) error
}

// NewDispatcher returns a dispatcher. It must be ended with Drain.
func NewDispatcher(log *slog.Logger) *Dispatcher {
	d := &Dispatcher{log: log, queue: newFairQueue(poolWorkers, maxLine)}
	d.ctx, d.cancel = context.WithCancel(context.Background())
	return d
}

// Do queues work that ends in a message and returns at once: something that has to be asked before there is one, or the way to send it.
// The message needs no words; it says what the work is about. The context that send gets ends when the dispatcher is cut off.
//
// Work that finds the dispatcher drained is dropped and logged. When too much is waiting, the pool with the most waiting loses something.
func (d *Dispatcher) Do(m Message, send func(ctx context.Context) error) {
	if m.ID == "" {
		m.ID = newID() // the log and the transport then speak of the same message
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		d.dropped.Add(1)
		d.log.Error("message dropped: the server is stopping", "message", m)
		return
	}
	if !d.queue.push(errand{m, send}) {
		d.dropped.Add(1)
		d.log.Error("message dropped: too many to this destination are waiting to be sent", "message", m, "waiting", maxLine)
		return
	}
	d.done.Add(1)
	if d.queue.waiting > maxWaiting {
		dropped := d.queue.drop()
		d.dropped.Add(1)
		d.log.Error("message dropped: too many are waiting to be sent", "message", dropped.about, "waiting", maxWaiting)
		d.done.Done()
	}
	d.start()
}

// start gives work to idle workers. The caller holds mu.
func (d *Dispatcher) start() {
	for d.busy < totalWorkers {
		l, e, ok := d.queue.pop()
		if !ok {
			return
		}
		d.busy++
		go d.work(l, e)
	}
}

func (d *Dispatcher) work(l *line, e errand) {
	defer d.done.Done()
	switch err := d.run(e); {
	case errors.Is(err, ErrLimited): // as intended
		d.log.Warn("message not sent", "message", e.about, "error", err)
	case err != nil:
		d.log.Error("message not delivered", "message", e.about, "error", err)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.busy--
	d.queue.release(l)
	d.start()
}

// Pending returns how many messages wait or are being sent.
func (d *Dispatcher) Pending() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.queue.waiting + d.busy
}

// Dropped returns how many messages nobody has tried to send.
func (d *Dispatcher) Dropped() int64 { return d.dropped.Load() }

// Drain takes no more messages and waits until all queued ones are sent. When ctx ends first, it cuts off the sends under
// way, logs what was not delivered, and returns ctx's error. A second call is harmless.
func (d *Dispatcher) Drain(ctx context.Context) error {
	d.mu.Lock()
	d.closed = true
	d.mu.Unlock()

	finished := make(chan struct{})
	go func() {
		d.done.Wait()
		close(finished)
	}()
	defer d.cancel()
	select {
	case <-finished:
		return nil
	case <-ctx.Done():
		d.cancel()
		<-finished
		return ctx.Err()
	}
}

// run turns a panic of a transport into an error: there is no request around it to be answered with one.
func (d *Dispatcher) run(e errand) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("transport panicked with a %T", p) // its value may hold the message
		}
	}()
	if err := d.ctx.Err(); err != nil {
		d.dropped.Add(1)
		return err
	}
	return e.send(d.ctx)
}
