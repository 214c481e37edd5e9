package carrier

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/google/uuid"
)

// function is one local function and its processes.
type function struct {
	program   *program
	inherited []string
	timeout   time.Duration
	log       *slog.Logger
	now       func() time.Time
	life      context.Context //nolint:containedctx // the life of the carrier: processes outlive the call that starts them
	running   *sync.WaitGroup // everything that Close waits for
	slots     chan struct{}   // one for each event that is being handled

	mu       sync.Mutex
	closed   bool
	idle     []*instance
	failures int       // processes that died, since an event was answered
	restart  time.Time // not before
}

// invocation is one event on its way through a process.
type invocation struct {
	id       string
	arn      string
	payload  []byte
	deadline time.Time
	done     chan outcome // has room for the outcome, which comes once
}

type outcome struct {
	result Result
	err    error
}

// invoke handles one event. It returns when the handler has answered or ctx ends, whichever comes first; in the latter case the
// handler goes on behind the caller's back.
func (f *function) invoke(ctx context.Context, arn string, payload []byte) (Result, error) {
	select {
	case f.slots <- struct{}{}:
	case <-ctx.Done():
		return Result{}, fmt.Errorf("wait for a free process of %s: %w", f.program.name, ctx.Err())
	}
	if err := f.enter(); err != nil {
		<-f.slots
		return Result{}, err
	}
	inv := &invocation{
		id: uuid.NewString(), arn: arn, payload: payload, deadline: f.now().Add(f.timeout), done: make(chan outcome, 1),
	}
	answered := make(chan outcome, 1)
	go func() {
		defer f.running.Done()
		out := f.handle(ctx, inv)
		<-f.slots
		answered <- out
	}()
	select {
	case out := <-answered:
		return out.result, out.err
	case <-ctx.Done():
		return Result{}, fmt.Errorf("%s: %w", f.program.name, ctx.Err())
	}
}

// handle finds a process for the event and has it handled. A warm process that ends before it took the event is replaced.
func (f *function) handle(ctx context.Context, inv *invocation) outcome {
	for {
		in, err := f.take(ctx)
		if err != nil {
			return outcome{err: err}
		}
		out := in.handle(ctx, inv, f.now(), f.timeout)
		f.put(in, out)
		if out.err == nil || !errors.Is(out.err, errGone) {
			return out
		}
	}
}

// enter adds to what Close waits for; a closed function takes nothing more.
func (f *function) enter() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return &Error{Name: serviceException, Err: errClosed}
	}
	f.running.Add(1)
	return nil
}

// take returns a warm process, or starts one.
func (f *function) take(ctx context.Context) (*instance, error) {
	stamp := stampOf(f.program.folder)
	f.mu.Lock()
	for len(f.idle) > 0 {
		in := f.idle[len(f.idle)-1]
		f.idle = f.idle[:len(f.idle)-1]
		if in.usable(stamp) {
			f.mu.Unlock()
			return in, nil
		}
		in.kill()
	}
	wait := f.restart.Sub(f.now())
	f.mu.Unlock()

	if wait > 0 {
		timer := time.NewTimer(wait)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-f.life.Done():
		case <-ctx.Done():
			return nil, fmt.Errorf("wait to restart %s: %w", f.program.name, ctx.Err())
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return nil, &Error{Name: serviceException, Err: errClosed}
	}
	in, err := f.start(stamp)
	if err != nil {
		f.failed()
		return nil, &Error{Name: serviceException, Err: fmt.Errorf("start %s: %w", f.program.name, err)}
	}
	return in, nil
}

// put keeps a process for the next event, if it is still good.
func (f *function) put(in *instance, out outcome) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if in.dead() {
		if !errors.Is(out.err, errGone) {
			f.failed()
		}
		return
	}
	if out.err == nil {
		f.failures = 0
	}
	if f.closed {
		in.kill()
		return
	}
	f.idle = append(f.idle, in)
}

// failed makes the next start wait. The caller holds mu.
func (f *function) failed() {
	pause := min(firstBackoff<<min(f.failures, 10), lastBackoff)
	f.failures++
	f.restart = f.now().Add(pause)
}

func (f *function) close() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.closed = true
	for _, in := range f.idle {
		in.kill()
	}
	f.idle = nil
}
