// Package caller says who asks: what a door knows about the sender of a request, and what an access key may do.
//
// A door puts a Caller into the context of each operation; whoever records an event or logs reads it with From. Operations
// decide nothing by it, except what their settings name (a source address to record, a request id to quote).
package caller

import "context"

// Caller is what a door knows about the sender of one request.
type Caller struct {
	RequestID   string // UUID, also told to the client
	SourceIP    string // without port or zone; empty when unknown
	UserAgent   string // as sent, cut to 512 bytes of valid UTF-8
	AccessKeyID string // of a verified signature; empty for operations that need none and where any credentials are accepted
}

type contextKey struct{}

// With returns a context that carries the caller.
func With(ctx context.Context, c Caller) context.Context {
	return context.WithValue(ctx, contextKey{}, c)
}

// From returns the caller in the context, or a Caller of empty fields when a request of our own is under way.
func From(ctx context.Context) Caller {
	c, _ := ctx.Value(contextKey{}).(Caller)
	return c
}
