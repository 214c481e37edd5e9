package message

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
)

// The size of a dispatcher: enough workers that one slow mail server does not stop all, and a queue that a burst fits in.
const (
	dispatchWorkers = 8
	dispatchQueue   = 1000
)

// Dispatcher sends messages behind the caller's back. An answer that must not tell whether a user exists cannot wait for
// a mail server, nor report that it failed; failures go to the log instead, without code and destination.
//
// What is queued lives in memory: Drain it before the process ends.
type Dispatcher struct {
	sender Sender
	log    *slog.Logger
	queue  chan errand
	done   sync.WaitGroup
	ctx    context.Context //nolint:containedctx // the life of the workers, ended by Drain
	cancel context.CancelFunc

	mu     sync.RWMutex // held for reading while queueing, so that the queue is never closed under a message
	closed bool
}

// errand is a message on its way. The message tells the log what it is about; send does the work.
type errand struct {
	about Message
	send  func(ctx context.Context) error
}

// NewDispatcher starts a dispatcher over the sender. It must be ended with Drain.
func NewDispatcher(sender Sender, log *slog.Logger) *Dispatcher {
	d := &Dispatcher{sender: sender, log: log, queue: make(chan errand, dispatchQueue)}
	d.ctx, d.cancel = context.WithCancel(context.Background())
	for range dispatchWorkers {
		d.done.Go(d.work)
	}
	return d
}

// Go queues the message and returns at once. A message that finds the queue full, or the dispatcher drained, is dropped
// and logged.
func (d *Dispatcher) Go(m Message) {
	if m.ID == "" {
		m.ID = newID()
	}
	d.Do(m, func(ctx context.Context) error { return d.sender.Send(ctx, m) })
}

// Do queues work that ends in a message, as Go does: something that has to be asked before there is one, or another way to send it. The
// message needs no words; it says what the work is about. The context that send gets ends when the dispatcher is cut off.
func (d *Dispatcher) Do(m Message, send func(ctx context.Context) error) {
	if m.ID == "" {
		m.ID = newID() // the log and the transport then speak of the same message
	}
	d.mu.RLock()
	defer d.mu.RUnlock()
	if d.closed {
		d.log.Error("message dropped: the server is stopping", "message", m)
		return
	}
	select {
	case d.queue <- errand{m, send}:
	default:
		d.log.Error("message dropped: too many are waiting to be sent", "message", m, "waiting", dispatchQueue)
	}
}

// Drain takes no more messages and waits until all queued ones are sent. When ctx ends first, it cuts off the sends under
// way, logs what was not delivered, and returns ctx's error. A second call is harmless.
func (d *Dispatcher) Drain(ctx context.Context) error {
	d.mu.Lock()
	if !d.closed {
		d.closed = true
		close(d.queue)
	}
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

func (d *Dispatcher) work() {
	for e := range d.queue {
		if err := d.run(e); err != nil {
			d.log.Error("message not delivered", "message", e.about, "error", err)
		}
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
		return err
	}
	return e.send(d.ctx)
}
