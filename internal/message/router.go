package message

import (
	"context"
	"errors"
	"time"

	"github.com/cenote-id/cenote/internal/tracing"
)

// ErrNoTransport says that the server is not set up to send by the message's medium.
var ErrNoTransport = errors.New("no transport is configured for this medium")

// Router sends each message by the transport of its medium.
type Router struct {
	Email Sender                    // nil when there is none
	SMS   Sender                    // nil when there is none
	Inbox *Inbox                    // keeps a copy of every message when set; makes the other two optional
	Told  func(m Medium, err error) // what became of each message that a transport was given; nil for nobody
	Now   func() time.Time          // stamps messages that carry no time
}

// Send gives the message an id and a time if it has none, puts a copy into the inbox and hands it to its transport.
// It returns ErrNoTransport when it has neither.
func (r *Router) Send(ctx context.Context, m Message) error {
	if m.ID == "" {
		m.ID = newID()
	}
	if m.Time.IsZero() {
		m.Time = r.Now()
	}
	transport := r.Email
	if m.Medium == SMS {
		transport = r.SMS
	}
	if r.Inbox != nil {
		if err := r.Inbox.Send(ctx, m); err != nil || transport == nil {
			return err
		}
	}
	if transport == nil {
		return ErrNoTransport
	}
	ctx, span := tracing.Start(ctx, tracing.Client, "send message")
	defer span.End()
	span.Text("cenote.message.medium", string(m.Medium))
	span.Text("cenote.message.reason", string(m.Reason))
	err := transport.Send(ctx, m)
	if r.Told != nil {
		r.Told(m.Medium, err)
	}
	if err != nil {
		span.Fail("_OTHER")
	}
	return err
}
