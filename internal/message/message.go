package message

import (
	"context"
	"crypto/rand"
	"log/slog"
	"time"
)

// Medium is the way a message travels, as the API spells it.
type Medium string

// The media.
const (
	Email Medium = "EMAIL"
	SMS   Medium = "SMS"
)

// Reason is what a message is for. The names are those of the CustomMessage trigger's sources.
type Reason string

// The reasons. A reset by an administrator is a ForgotPassword, as it is for the trigger.
const (
	SignUp          Reason = "SignUp"
	ResendCode      Reason = "ResendCode"
	ForgotPassword  Reason = "ForgotPassword"
	VerifyAttribute Reason = "VerifyUserAttribute"
	UpdateAttribute Reason = "UpdateUserAttribute"
	AdminCreateUser Reason = "AdminCreateUser"             // an invitation; its code is the temporary password
	Authentication  Reason = "Authentication"              // a code that is part of signing in
	AccountTakeOver Reason = "AccountTakeOverNotification" // a sign-in looks like somebody else's
)

// Message is one message to one person.
type Message struct {
	ID       string    // unique, the same for every try; Router makes one when it is empty
	Time     time.Time // when it was made; Router sets it when it is zero
	Medium   Medium
	To       string // an e-mail address, or a phone number in E.164 form
	Subject  string // plain text, one line; empty for SMS
	Body     string // HTML for Email, plain text for SMS
	Text     string // of Email: the same in plain text; empty: made of Body
	Code     string // the code or temporary password that the body tells
	Link     string // the address that confirms by itself, where the body has one in place of the code
	PoolID   string
	Username string
	Reason   Reason
	From     string // the pool's sender, `addr` or `Name <addr>`; empty means the server's
	ReplyTo  string // the pool's reply address; may be empty
}

// Sender takes messages away. Send returns nil once the message is in somebody else's hands: accepted by the mail server,
// by the gateway, or kept in the inbox. It gives up after five seconds at the latest.
type Sender interface {
	Send(ctx context.Context, m Message) error
}

// LogValue shows what a log may know: no code, no words, a masked destination.
func (m Message) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("id", m.ID),
		slog.String("medium", string(m.Medium)),
		slog.String("to", Mask(m.Medium, m.To)),
		slog.String("pool", m.PoolID),
		slog.String("reason", string(m.Reason)),
	)
}

// String keeps the code and the destination out of anything printed.
func (m Message) String() string {
	return string(m.Reason) + " " + string(m.Medium) + " to " + Mask(m.Medium, m.To)
}

// GoString is String: %#v hides as much.
func (m Message) GoString() string { return m.String() }

// newID returns 26 characters with 128 bits of randomness.
func newID() string { return rand.Text() }
