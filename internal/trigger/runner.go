package trigger

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/tracing"
	"github.com/cenote-id/cenote/internal/trigger/carrier"
	"github.com/cenote-id/cenote/internal/trigger/esdk"
)

// Options are what a Runner works with.
type Options struct {
	Carrier  carrier.Carrier                                // usually a *carrier.Router
	Keys     esdk.KeyService                                // for the codes of custom senders; without it those triggers fail
	Recorder Recorder                                       // gets each event with its answer; may be nil
	Observe  func(t Trigger, took time.Duration, err error) // is told of each exchange; may be nil
	Now      func() time.Time                               // the wall clock, for records and durations
	Limit    time.Duration                                  // of one attempt; zero means the service's five seconds
}

// Runner asks the functions behind triggers. It is safe for concurrent use and keeps nothing between calls.
//
// Each trigger has a method. Its errors are the faults that the service answers to the caller of an operation
// (UserLambdaValidation, UnexpectedLambda, InvalidLambdaResponse), or that of ctx. A pool without the trigger gives the zero
// response and no error.
type Runner struct {
	carrier  carrier.Carrier
	keys     esdk.KeyService
	recorder Recorder
	observe  func(Trigger, time.Duration, error)
	now      func() time.Time
	limit    time.Duration
}

// The limits of an invocation, as the service states them.
const (
	attemptLimit = 5 * time.Second
	attempts     = 3
)

// between is the pause before another attempt after a failure that was quick; a timeout has waited enough.
const between = 100 * time.Millisecond

// New returns a Runner.
func New(o Options) *Runner {
	r := &Runner{carrier: o.Carrier, keys: o.Keys, recorder: o.Recorder, observe: o.Observe, now: o.Now, limit: o.Limit}
	if r.limit == 0 {
		r.limit = attemptLimit
	}
	return r
}

// Has reports whether the pool has the trigger. A nil Runner has none: where nobody can be asked, nothing is.
func (r *Runner) Has(p *pool.Pool, t Trigger) bool {
	return r != nil && Function(p.Settings.LambdaConfig, t) != ""
}

// ask sends the event of the trigger and reads the response of the answer into the pointer.
func (r *Runner) ask(ctx context.Context, t Trigger, c Call, version string, request any, neutral string, response any) error {
	payload, err := c.write(version, request, neutral)
	if err != nil {
		return err
	}
	_, err = r.exchange(ctx, Record{Trigger: t, Source: c.Source, Function: Function(c.Pool.Settings.LambdaConfig, t), Request: payload}, response)
	return err
}

// exchange has the event of the record answered, and records it. A nil response means that the answer is of no interest.
func (r *Runner) exchange(ctx context.Context, rec Record, response any) (Record, error) {
	start := r.now()
	ctx, span := tracing.Start(ctx, tracing.Client, "trigger")
	defer span.End()
	answer, tries, err := r.invoke(ctx, rec.Function, rec.Request)
	switch {
	case err != nil:
		err = invocationFailed(rec.Trigger, err)
	case answer.FunctionError != "":
		err = functionFailed(rec.Trigger, answer.Payload)
	case response != nil:
		err = readResponse(answer.Payload, response)
	}
	describe(span, rec, tries, err)
	if r.observe != nil {
		r.observe(rec.Trigger, r.now().Sub(start), err)
	}
	if r.recorder == nil {
		return rec, err
	}
	rec.Time, rec.Duration, rec.Attempts = start, r.now().Sub(start), tries
	if err != nil {
		rec.Error = err.Error()
	}
	if json.Valid(answer.Payload) {
		rec.Answer = answer.Payload
	}
	return r.recorder.Record(rec), err
}

// describe tells of an invocation, nothing of the event or the answer.
func describe(span tracing.Span, rec Record, tries int, err error) {
	if !span.On() {
		return
	}
	name, region := carrier.Place(rec.Function)
	span.Name("trigger " + string(rec.Trigger))
	span.Text("faas.invoked_name", name)
	if region != "" {
		span.Text("faas.invoked_provider", "aws")
		span.Text("faas.invoked_region", region)
	}
	span.Text("cenote.trigger.source", string(rec.Source))
	span.Int("cenote.trigger.attempts", tries)
	if err != nil {
		span.Fail(cmp.Or(string(fault.CodeOf(err)), "_OTHER"))
	}
}

// errTimeout is the outcome of an attempt that took too long.
var errTimeout = &carrier.Error{Again: true, Err: errors.New("no answer in time")}

// invoke makes as many attempts as it takes and the service would make: again after a timeout or a failure on the way, not after
// an answer of any kind.
func (r *Runner) invoke(ctx context.Context, functionARN string, payload []byte) (carrier.Result, int, error) {
	for try := 1; ; try++ {
		result, err := r.attempt(ctx, functionARN, payload)
		if err == nil {
			return result, try, nil
		}
		if ctx.Err() != nil {
			return carrier.Result{}, try, fmt.Errorf("invoke: %w", ctx.Err())
		}
		var failed *carrier.Error
		if !errors.As(err, &failed) || !failed.Again || try == attempts {
			return carrier.Result{}, try, err
		}
		if failed == errTimeout {
			continue
		}
		timer := time.NewTimer(between)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return carrier.Result{}, try, fmt.Errorf("invoke: %w", ctx.Err())
		}
	}
}

func (r *Runner) attempt(ctx context.Context, functionARN string, payload []byte) (carrier.Result, error) {
	limited, cancel := context.WithTimeout(ctx, r.limit)
	defer cancel()
	result, err := r.carrier.Invoke(limited, functionARN, payload)
	if err != nil && limited.Err() != nil && ctx.Err() == nil {
		return carrier.Result{}, errTimeout
	}
	return result, err
}
