// Package trail keeps the audit log: what administrators did to pools and users, and what they tried.
//
// Its one idea: the line about an act is written in the transaction that makes the act durable, so that neither can be there without the
// other. Recorder.Wrap goes around every operation that is signed and changes something, Recorder.Do around what an operator does at the
// command line. An act that changes nothing, because it is refused or had no need to, gets a transaction of its own before its answer.
// Nothing that the model marks as sensitive gets into a line. Start with Recorder.
package trail

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/cenote-id/cenote/internal/api"
	"github.com/cenote-id/cenote/internal/caller"
	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/wire"
)

// Level says which acts are recorded.
type Level string

// The levels.
const (
	Off     Level = "off"
	Changes Level = "changes" // what changes something, and what a policy refuses
	All     Level = "all"     // reads and sign-ins by administrators too
)

// OK is the outcome of an act that succeeded.
const OK = "OK"

// ErrNothing ends the function of Do where it finds that there is nothing to do any more. Such an act leaves no line.
var ErrNothing = errors.New("nothing is left to do")

// unknown is the outcome of an act whose commit was not answered: the line is there exactly when the change is, or says so by itself.
const unknown = "Unknown"

// Show reads what an act is about, in the state of the transaction. The pool is nil for acts on no user pool; of returns a member of the
// input, or of what the act has made, by its name in the API. Something that does not exist is nil, or a fault.
type Show = func(tx *store.Tx, p *pool.Pool, of func(member string) string) (any, error)

// Person is what Show returns for an act on a user, to be found by.
type Person interface {
	Names() (sub, username string)
}

// Recorder records acts. Its fields are set at start and never change.
type Recorder struct {
	Store *store.Store
	Level Level
	Shows map[string]Show  // by X-Amz-Target: what changes before and after
	Copy  *Stream          // gets each line as well; nil for none
	Now   func() time.Time // of the machine
	Log   *slog.Logger
}

// reads begin the names of operations that change nothing.
var reads = []string{"Get", "List", "Describe", "AdminGet", "AdminList", "Lookup"}

// signsIn are the signed operations of back ends that sign users in. There are as many of them as there are sign-ins.
var signsIn = map[string]bool{"AdminInitiateAuth": true, "AdminRespondToAuthChallenge": true, "GetOpenIdTokenForDeveloperIdentity": true}

// Covers reports whether the level has calls of the operation recorded.
func (l Level) Covers(o *wire.Operation) bool {
	if l == Off || o.Auth != wire.SigV4 {
		return false
	}
	if l == All {
		return true
	}
	for _, prefix := range reads {
		if strings.HasPrefix(o.Name, prefix) {
			return false
		}
	}
	return !signsIn[o.Name]
}

// Wrap has the calls of an operation recorded, where the level covers it.
func (r *Recorder) Wrap(o api.Operation) api.Operation {
	if !r.Level.Covers(o.Operation) {
		return o
	}
	call, member, show := o.Call, api.FindPoolMember(o.NewInput()), r.Shows[o.Target()]
	o.Call = func(ctx context.Context, in any) (any, error) {
		a, err := r.begin(ctx, o.Name, member.Of(in), in)
		if err != nil {
			return nil, err
		}
		a.of, a.show = memberOf(in), show
		if show != nil && a.PoolID != "" && o.Service == wire.UserPools {
			if a.pool, err = r.Store.Pool(ctx, a.PoolID); err != nil && !fault.Is(err, fault.ResourceNotFound) {
				return nil, err
			}
		}
		return record(ctx, r, a, func(ctx context.Context) (any, error) { return call(ctx, in) })
	}
	return o
}

// Refuse records a call that the policy of its access key does not allow.
func (r *Recorder) Refuse(ctx context.Context, o api.Operation, in any, refusal error) {
	if r.Level == Off || o.Auth != wire.SigV4 {
		return
	}
	a, err := r.begin(ctx, o.Name, api.FindPoolMember(o.NewInput()).Of(in), in)
	if err == nil {
		a.of = memberOf(in)
		err = a.end(ctx, outcome(ctx, refusal))
	}
	if err != nil {
		r.Log.ErrorContext(ctx, "a refused act is not in the audit log", "operation", o.Name, "error", err)
	}
}

// Do records what an operator does by a command. The parameters are a structure without secrets, or nil.
func (r *Recorder) Do(ctx context.Context, command, poolID string, parameters any, do func(context.Context) error) error {
	if r.Level == Off {
		return do(ctx)
	}
	a, err := r.begin(ctx, command, poolID, parameters)
	if err != nil {
		return err
	}
	a.Outcome = unknown // a command may take several changes: until the last, nobody knows
	_, err = record(ctx, r, a, func(ctx context.Context) (struct{}, error) { return struct{}{}, do(ctx) })
	return err
}

// record runs an act and sees to its line. Whatever is acknowledged is in the log: where the line cannot be written, the act is answered by
// an error.
func record[Out any](ctx context.Context, r *Recorder, a *act, do func(context.Context) (Out, error)) (out Out, err error) {
	returned := false
	defer func() {
		if !returned { // a panic, which goes on
			_ = a.end(ctx, string(fault.InternalError))
		}
	}()
	out, err = do(store.WithWitness(ctx, a))
	returned = true
	if errors.Is(err, ErrNothing) {
		return out, err
	}
	if lost := a.end(ctx, outcome(ctx, err)); lost != nil {
		r.Log.ErrorContext(ctx, "an act is not in the audit log", "operation", a.Operation, "request", a.Request, "error", lost)
		if err == nil {
			var none Out
			return none, fmt.Errorf("write the audit log: %w", lost)
		}
	}
	return out, err
}

// begin makes the line of an act.
func (r *Recorder) begin(ctx context.Context, operation, poolID string, parameters any) (*act, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return nil, err
	}
	c := caller.From(ctx)
	a := &act{recorder: r, given: poolID, Act: store.Act{
		ID: id.String(), At: r.Now(), Actor: c.AccessKeyID, Account: c.AccountID, Operation: operation, PoolID: poolID,
		Source: c.SourceIP, Request: c.RequestID, Outcome: OK,
	}}
	if parameters != nil {
		if a.detail.Parameters, err = wire.Public(parameters); err != nil {
			return nil, err
		}
	}
	return a, nil
}

// outcome names the end of an act.
func outcome(ctx context.Context, err error) string {
	var f *fault.Error
	switch {
	case err == nil:
		return OK
	case errors.Is(err, store.ErrUnknownOutcome):
		return unknown
	case fault.Abandoned(ctx, err):
		return fault.Canceled
	case errors.As(err, &f) && f.Code != "":
		return string(f.Code)
	}
	return string(fault.InternalError)
}
