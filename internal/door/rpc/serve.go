package rpc

import (
	"context"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"github.com/cenote-id/cenote/internal/api"
	"github.com/cenote-id/cenote/internal/caller"
	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/sigv4"
	"github.com/cenote-id/cenote/internal/wire"
)

// call is one request under way.
type call struct {
	name    string // of the operation, for log and metrics: never what a client made up
	service string // of the operation, as SDKs call it; empty when there is none
	caller  caller.Caller
	start   time.Time
}

// ServeHTTP answers a call, or a browser's question whether it may call.
func (d *Door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := &call{name: "Unknown", start: d.config.Now(), caller: d.config.Callers.Of(r)}
	w.Header().Set("X-Amzn-Requestid", c.caller.RequestID)
	sharing.Open(w.Header())
	switch r.Method {
	case http.MethodPost:
		body, err := d.answer(w, r, c)
		d.finish(w, r, c, body, err)
	case http.MethodOptions:
		sharing.Preflight(w, r, http.StatusOK)
	default:
		w.Header().Set("Allow", "OPTIONS, POST")
		w.WriteHeader(http.StatusMethodNotAllowed)
	}
}

// answer takes a request to the end of its operation and returns the body of the answer. A panic on the way is an error like
// any other. Nothing is written here, so whatever fails, fails before the client has seen a success.
func (d *Door) answer(w http.ResponseWriter, r *http.Request, c *call) (body []byte, err error) {
	defer func() {
		if v := recover(); v != nil {
			if v == http.ErrAbortHandler { //nolint:errorlint // net/http's own way to tell it apart
				panic(v)
			}
			err = &panicked{value: v, stack: debug.Stack()}
		}
	}()
	ctx, cancel := context.WithTimeout(r.Context(), d.config.TimeLimit)
	defer cancel()

	if d.config.Guard.Any != nil {
		if err := d.config.Guard.Any(r); err != nil {
			return nil, refused(err)
		}
	}
	target := strings.TrimSpace(r.Header.Get("X-Amz-Target"))
	op, ok := d.config.Operations.Target(target)
	if !ok {
		return nil, api.NotBuilt(target)
	}
	c.name, c.service = op.Name, op.Service.ID()
	request, release, err := d.bodies.read(w, r, op)
	defer release()
	if err != nil {
		return nil, err
	}
	key, err := d.authenticate(ctx, r, request, op)
	if err != nil {
		return nil, err
	}
	c.caller.AccessKeyID, c.caller.AccountID = key.ID, key.AccountID
	if op.Auth == wire.SigV4 {
		c.caller.Region = sigv4.Region(r.Header)
	}
	in, err := op.Decode(request)
	if err != nil {
		return nil, err
	}
	ctx = caller.With(ctx, c.caller)
	if err := d.authorize(key, op, in); err != nil {
		d.config.Refused(ctx, op, in, err)
		return nil, err
	}
	out, err := op.Call(ctx, in)
	if err != nil {
		return nil, d.checkDeclared(op, err)
	}
	return encode(out)
}

// encode returns the JSON of an output. Operations without one answer an object too: clients parse every body.
func encode(out any) ([]byte, error) {
	body, err := wire.Encode(out)
	if err == nil && string(body) == "null" {
		body = []byte("{}")
	}
	return body, err
}

// checkDeclared marks faults that the operation does not declare: clients have no type for them.
func (d *Door) checkDeclared(op api.Operation, err error) error {
	if code := fault.CodeOf(err); code != "" && !op.Declares(code) {
		return &undeclared{operation: op.Name, code: code, err: err}
	}
	return err
}
