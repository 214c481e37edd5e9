package user

import "time"

// EventType is what somebody tried to do, spelled as the API does.
type EventType string

// The types of events.
const (
	SignInEvent         EventType = "SignIn"
	SignUpEvent         EventType = "SignUp"
	ForgotPasswordEvent EventType = "ForgotPassword"
	PasswordChangeEvent EventType = "PasswordChange"
	ResendCodeEvent     EventType = "ResendCode"
)

// EventResult is how that went.
type EventResult string

// The results.
const (
	EventPass       EventResult = "Pass"
	EventFail       EventResult = "Fail"
	EventInProgress EventResult = "InProgress" // another step is asked for
)

// Event is one entry in the history of a user, kept by pools with threat protection. An event that goes on (a sign-in with a second
// factor) is saved again under its id; the time stays that of the first.
type Event struct {
	PoolID   string      `json:"-"`
	UserID   string      `json:"-"`
	ID       string      `json:"-"` // UUID; of a sign-in, the event_id of its tokens
	Time     time.Time   `json:"-"`
	Expires  time.Time   `json:"-"` // forgotten then
	Feedback *Feedback   `json:"-"` // saved by itself
	Type     EventType   `json:"t"`
	Result   EventResult `json:"r"`
	ClientID string      `json:"c,omitzero"`
	IP       string      `json:"i,omitzero"`
	Browser  string      `json:"b,omitzero"` // with its version
	System   string      `json:"o,omitzero"`
	Steps    []EventStep `json:"s,omitzero"`
	Risk     EventRisk   `json:"k,omitzero"`
}

// After returns the state of an event that follows an earlier one. A server that answers a challenge for a user need not say again where the
// user is and by what.
func (e Event) After(earlier Event) Event {
	if e.IP == "" && e.Browser+e.System == "" {
		e.IP, e.Browser, e.System = earlier.IP, earlier.Browser, earlier.System
	}
	return e
}

// EventStep is a challenge of an event and whether its answer was right.
type EventStep struct {
	Name    string `json:"n"` // Password or Mfa
	Success bool   `json:"ok,omitzero"`
}

// EventRisk is how dangerous an event looked, and what was done about it.
type EventRisk struct {
	Decision    string `json:"d,omitzero"` // NoRisk, AccountTakeover or Block; "" when nothing was judged
	Level       string `json:"l,omitzero"` // Low, Medium, High or ""
	Compromised *bool  `json:"p,omitzero"` // whether the password is a known one; nil when that was not looked at
}

// Feedback is what the user or an administrator thinks of an event.
type Feedback struct {
	Value    string    `json:"v"` // Valid or Invalid
	Provider string    `json:"p"` // Admin or User
	Time     time.Time `json:"t"`
}
