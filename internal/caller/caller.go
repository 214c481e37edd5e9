// Package caller says who asks: what a door knows about the sender of a request, and what an access key may do.
//
// A door puts a Caller into the context of each operation; whoever records an event or logs reads it with From. Operations
// decide nothing by it, except what their settings name (a source address to record, a request id to quote), and in which account and
// region pools are made, listed and found.
package caller

import (
	"context"
	"strings"
)

// Caller is what a door knows about the sender of one request.
type Caller struct {
	RequestID   string // UUID, also told to the client
	SourceIP    string // without port or zone; empty when unknown
	UserAgent   string // as sent, cut to 512 bytes of valid UTF-8
	SDK         string // X-Amz-User-Agent, in which SDKs in browsers name themselves; cut likewise
	AccessKeyID string // of a verified signature; empty for operations that need none and where any credentials are accepted
	AccountID   string // that the access key belongs to; empty where there is none: such a caller is in all accounts
	Region      string // that the signature of a signed operation names; empty when there is none

	// For is the user at the other end of a server that sends the request, as far as the server says; nil when nobody stands between.
	For *User
}

// User is where a user is, and by what browser or program.
type User struct {
	SourceIP  string // as in Caller; empty when unknown
	UserAgent string
}

// User returns the user at the other end.
func (c Caller) User() User {
	if c.For != nil {
		return *c.For
	}
	return User{c.SourceIP, c.UserAgent}
}

// maxUserAgent bounds what is kept of the headers in which clients name themselves, in bytes.
const maxUserAgent = 512

// CutAgent returns what is kept of such a header.
func CutAgent(agent string) string {
	return strings.ToValidUTF8(agent[:min(len(agent), maxUserAgent)], "")
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
