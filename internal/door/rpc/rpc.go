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
	"fmt"
	"log/slog"
	"net/netip"
	"time"

	"github.com/cenote-id/cenote/internal/api"
	"github.com/cenote-id/cenote/internal/caller"
	"github.com/cenote-id/cenote/internal/sigv4"
	"github.com/cenote-id/cenote/internal/wire"
)

// MaxBody is the size of the largest request body that is read, in bytes.
const MaxBody = 1 << 20

// Keys finds access keys. It answers false when there is no such key; an error is a failure of ours.
type Keys interface {
	AccessKey(ctx context.Context, id string) (caller.AccessKey, bool, error)
}

// Config is what a Door is made of.
type Config struct {
	Operations []api.Operation // those that are built; all others are unknown to clients
	Region     string          // appears in ARNs
	AccountID  string          // appears in ARNs: 12 digits

	// Keys finds the access keys of signed operations. It may be nil only where AnyCredentials is set.
	Keys Keys
	// AnyCredentials takes signed operations from anybody: no signature is verified or needed, no policy asked.
	AnyCredentials bool
	// SigningRegions are the regions that signatures may be scoped to; empty for any.
	SigningRegions []string

	// TrustedProxies are the addresses whose X-Forwarded-For is believed.
	TrustedProxies []netip.Prefix
	// TimeLimit bounds the work on one request; zero for 30 seconds. Slow senders are bounded by the read limits of the server.
	TimeLimit time.Duration
	// StrictErrors makes an operation fail loudly that answers an exception it does not declare. Meant for tests.
	StrictErrors bool

	// Now is the machine's clock, also where a test moves the clock of the domain: clients sign with theirs.
	Now func() time.Time
	Log *slog.Logger
	// Observe, unless nil, is told the name of the operation ("Unknown" when there is none), the code of the fault ("OK" for a
	// success, "Canceled" when the client went away) and the time taken, once for each POST.
	Observe func(operation, code string, took time.Duration)
}

// Door serves POST and OPTIONS on any path that is no other route.
type Door struct {
	config     Config
	operations map[string]*operation // by X-Amz-Target
	verifier   sigv4.Verifier
}

// operation is what the door knows of an operation it serves.
type operation struct {
	*wire.Operation
	call func(ctx context.Context, in any) (any, error)
	pool poolMember
}

// New makes a door. The error names an operation that the model does not have or that is listed twice, or a missing part.
func New(c Config) (*Door, error) {
	switch {
	case c.Now == nil, c.Log == nil:
		return nil, errors.New("rpc: a door needs a clock and a log")
	case c.Keys == nil && !c.AnyCredentials:
		return nil, errors.New("rpc: a door needs access keys, or must accept any credentials")
	}
	if c.TimeLimit == 0 {
		c.TimeLimit = 30 * time.Second
	}
	if c.Observe == nil {
		c.Observe = func(string, string, time.Duration) {}
	}
	d := &Door{
		config:     c,
		operations: make(map[string]*operation, len(c.Operations)),
		verifier:   sigv4.Verifier{Regions: c.SigningRegions, Now: c.Now},
	}
	type name struct {
		service wire.Service
		name    string
	}
	facts := make(map[name]*wire.Operation)
	for _, f := range wire.Operations() {
		facts[name{f.Service, f.Name}] = f
	}
	for _, o := range c.Operations {
		f := facts[name{o.Service, o.Name}]
		if f == nil || o.Call == nil {
			return nil, fmt.Errorf("rpc: operation %s of %s is not in the model, or has nothing to call", o.Name, o.Service)
		}
		if d.operations[f.Target()] != nil {
			return nil, fmt.Errorf("rpc: operation %s of %s is listed twice", o.Name, o.Service)
		}
		d.operations[f.Target()] = &operation{Operation: f, call: o.Call, pool: findPoolMember(f.NewInput())}
	}
	return d, nil
}
