package rpc

import (
	"errors"
	"io"
	"net/http"
	"sync/atomic"

	"github.com/cenote-id/cenote/internal/api"
	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/wire"
)

// The largest request bodies that are read, in bytes. Anybody can send a body to an operation that no signature guards, an access token
// being a part of it.
const (
	MaxBody         = 1 << 20
	MaxUnsignedBody = 64 << 10
	maxStyleBody    = 2 << 20 // of a style of managed login, which carries images: the service documents 2 MB
)

// usualBody is what is held for a body at first, in bytes, unless the client says that it is shorter: the longest of a sign-in fits.
const usualBody = 4 << 10

// How many bytes of bodies may be held at once over all requests, each until its answer: those of signed operations apart, so that a
// flood from strangers does not keep administrators out. Usual bodies have one or two thousand bytes.
const (
	maxHeld         = 64 << 20
	maxHeldUnsigned = 32 << 20
)

// errBusy is the answer where too much is being held. SDKs try again after a while.
var errBusy = fault.New(fault.TooManyRequests, "Rate exceeded")

// budget is a number of bytes that requests share.
type budget struct{ left atomic.Int64 }

func newBudget(n int64) *budget {
	b := &budget{}
	b.left.Store(n)
	return b
}

// take reports whether n more bytes may be held.
func (b *budget) take(n int64) bool {
	if b.left.Add(-n) < 0 {
		b.left.Add(n)
		return false
	}
	return true
}

func (b *budget) give(n int64) { b.left.Add(n) }

// bodies reads request bodies within bounds.
type bodies struct{ signed, unsigned *budget }

func newBodies() bodies {
	return bodies{signed: newBudget(maxHeld), unsigned: newBudget(maxHeldUnsigned)}
}

// read reads the body of a request to the operation. What is held counts as it arrives, so that a sender who is slow to send takes up
// nothing. release gives it back, also after an error.
func (b bodies) read(w http.ResponseWriter, r *http.Request, op api.Operation) (body []byte, release func(), err error) {
	held, limit := b.signed, int64(MaxBody)
	switch {
	case op.Auth != wire.SigV4:
		held, limit = b.unsigned, MaxUnsignedBody
	case op.Name == "CreateManagedLoginBranding" || op.Name == "UpdateManagedLoginBranding":
		limit = maxStyleBody
	}
	var taken int64
	release = func() { held.give(taken) }
	tooLarge := func() error {
		return fault.Newf(fault.RequestTooLarge, "The request body is larger than %d bytes.", limit)
	}
	if r.ContentLength > limit {
		_, _ = io.CopyN(io.Discard, r.Body, MaxBody) // a client that is still sending would not read the answer
		return nil, release, tooLarge()
	}
	first := int64(usualBody)
	if r.ContentLength >= 0 {
		first = min(first, r.ContentLength+1) // one byte more, to read the end into
	}
	from := http.MaxBytesReader(w, r.Body, limit)
	for {
		if len(body) == cap(body) {
			more := min(max(int64(cap(body)), first), limit+1-int64(cap(body)))
			if !held.take(more) {
				return nil, release, errBusy
			}
			taken += more
			body = append(make([]byte, 0, int64(cap(body))+more), body...)
		}
		n, err := from.Read(body[len(body):cap(body)])
		body = body[:len(body)+n]
		var over *http.MaxBytesError
		switch {
		case err == nil:
		case errors.Is(err, io.EOF):
			return body, release, nil
		case errors.As(err, &over):
			return nil, release, tooLarge()
		default: // the client stopped in the middle, or wrote bad chunks
			return nil, release, fault.New(fault.Serialization, "").Because(err)
		}
	}
}
