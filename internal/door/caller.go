// Package door is what every door shares: who calls and from where, what pages of other origins may read, the headers that keep an
// answer safe in a browser, and an answer in place of a panic.
//
// A door turns an HTTP request into calls of operations or sign-ins, and the outcome into an answer: rpc speaks JSON 1.1, oauth the
// protocols for applications and verifiers of tokens, pages HTML for people, dev what only a development server has. Doors hold no rule.
package door

import (
	"net/http"
	"net/netip"

	"github.com/google/uuid"

	"github.com/cenote-id/cenote/internal/caller"
)

// Callers tells who sends a request.
type Callers struct {
	TrustedProxies []netip.Prefix // whose X-Forwarded-For is believed
}

// Of returns what is known about the sender, under a new request id.
func (c Callers) Of(r *http.Request) caller.Caller {
	return caller.Caller{
		RequestID: uuid.NewString(),
		SourceIP:  SourceIP(r, c.TrustedProxies),
		UserAgent: caller.CutAgent(r.UserAgent()),
		SDK:       caller.CutAgent(r.Header.Get("X-Amz-User-Agent")),
	}
}
