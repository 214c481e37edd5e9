// Package rpc is the JSON 1.1 door: it turns an HTTP request into one call of an operation, and the outcome into an answer.
//
// Its one idea: everything that can happen to a request, a panic included, becomes an answer in one place, with a request id and
// with the headers without which a browser hides it. The door holds no rule: it finds the operation by its target, verifies the
// signature where one is needed, asks the access key's policy, has internal/wire decode and validate, calls, and renders.
// Start with Door.ServeHTTP in serve.go.
package rpc

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/cenote-id/cenote/internal/api"
	"github.com/cenote-id/cenote/internal/caller"
	"github.com/cenote-id/cenote/internal/door"
	"github.com/cenote-id/cenote/internal/sigv4"
)

// sharing opens the API to pages of any origin: the door uses no cookies.
var sharing = door.Sharing{
	Methods: http.MethodPost, Expose: "x-amzn-RequestId,x-amzn-ErrorType,x-amzn-ErrorMessage,Date", MaxAge: 48 * time.Hour,
}

// Keys finds access keys. It answers false when there is no such key; an error is a failure of ours.
type Keys interface {
	AccessKey(ctx context.Context, id string) (caller.AccessKey, bool, error)
}

// Config is what a Door is made of.
type Config struct {
	Operations *api.Table // those that are built; all others are unknown to clients

	// Keys finds the access keys of signed operations. It may be nil only where AnyCredentials is set.
	Keys Keys
	// AnyCredentials takes signed operations from anybody: no signature is verified or needed, no policy asked.
	AnyCredentials bool
	// Guard keeps foreign pages out where AnyCredentials leaves no signature between them and the API.
	Guard Guard
	// SigningRegions are the regions that signatures may be scoped to; empty for any.
	SigningRegions []string

	Callers door.Callers // who sends a request
	// TimeLimit bounds the work on one request; zero for 30 seconds. Slow senders are bounded by the read limits of the server.
	TimeLimit time.Duration
	// StrictErrors makes an operation fail loudly that answers an exception it does not declare. Meant for tests.
	StrictErrors bool

	// Now is the machine's clock, also where a test moves the clock of the domain: clients sign with theirs.
	Now func() time.Time
	Log *slog.Logger
	// Observe, unless nil, is told the name of the operation ("Unknown" when there is none), the code of the fault ("OK" for a
	// success, "Canceled" when the client went away) and the time taken, once for each POST.
	Observe func(ctx context.Context, operation, code string, took time.Duration)
	// Refused, unless nil, is told of calls that the policy of their access key does not allow, before they are answered. The context has
	// the caller.
	Refused func(ctx context.Context, o api.Operation, in any, refusal error)
}

// Guard refuses requests by who made them, before anything else is looked at. An error is told to the client. Nil lets all through.
type Guard struct {
	Any    func(*http.Request) error // asked for every operation
	Signed func(*http.Request) error // asked for those that would have to be signed
}

// Door serves POST and OPTIONS, on whatever path.
type Door struct {
	config   Config
	pools    map[string]api.PoolMember // by X-Amz-Target
	verifier sigv4.Verifier
	bodies   bodies
}

// New makes a door. The error names a missing part.
func New(c Config) (*Door, error) {
	switch {
	case c.Operations == nil, c.Now == nil, c.Log == nil:
		return nil, errors.New("rpc: a door needs operations, a clock and a log")
	case c.Keys == nil && !c.AnyCredentials:
		return nil, errors.New("rpc: a door needs access keys, or must accept any credentials")
	}
	if c.TimeLimit == 0 {
		c.TimeLimit = 30 * time.Second
	}
	if c.Observe == nil {
		c.Observe = func(context.Context, string, string, time.Duration) {}
	}
	if c.Refused == nil {
		c.Refused = func(context.Context, api.Operation, any, error) {}
	}
	d := &Door{config: c, pools: make(map[string]api.PoolMember), verifier: sigv4.Verifier{Regions: c.SigningRegions, Now: c.Now}, bodies: newBodies()}
	for _, o := range c.Operations.All() {
		d.pools[o.Target()] = api.FindPoolMember(o.NewInput())
	}
	return d, nil
}
