// Package signin is the sign-in of a user: a machine that moves from challenge to challenge until it ends in a grant.
//
// The state of a sign-in is an Attempt. It is not stored: the session string that the client sends back (or the secret block of
// SRP) is the sealed Attempt itself, bound to pool and client, with its own expiry. What is stored is only that an attempt
// succeeded, so that each succeeds once. Which challenge comes next is decided in one place, the pure function Next. Each
// challenge_*.go can pose and check one kind of challenge and knows no other: when one is passed, it hands the sign-in to advance.
// Start with Machine.Start, Machine.Answer, Machine.advance and Next.
package signin

import (
	"context"
	"time"

	"github.com/cenote-id/cenote/internal/audit"
	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/notify"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/token"
	"github.com/cenote-id/cenote/internal/trigger"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/wire"
)

// Machine runs sign-ins.
type Machine struct {
	Store    *store.Store
	Tokens   *token.Issuer
	Notify   *notify.Notifier
	Triggers *trigger.Runner // nil: no function is ever asked
	Risk     *audit.Guard    // nil: no sign-in is watched
	Now      func() time.Time
}

// Request is what every request of a sign-in has.
type Request struct {
	Pool     *pool.Pool
	Client   *pool.Client
	By       Door
	Metadata map[string]string // ClientMetadata
	Device   string            // DEVICE_KEY as sent, or empty

	validation map[string]string // ClientMetadata of the request that began the sign-in, which is told to few
	mayMigrate bool              // the password is at hand, so that an unknown user may come from another directory
}

// Start is a request that begins a sign-in.
type Start struct {
	Request
	Flow    string            // AuthFlow as sent
	Params  map[string]string // AuthParameters
	Session string            // of a sign-up that was confirmed a moment ago; else empty
}

// Answer is a request that answers a challenge.
type Answer struct {
	Request
	Challenge Challenge
	Session   string
	Responses map[string]string
}

// Outcome is a challenge or a grant, never both.
type Outcome struct {
	Challenge  Challenge
	Parameters map[string]string
	Session    string
	Available  []string // challenges to choose from; only in the USER_AUTH flow
	Grant      *Grant   // the sign-in is complete
}

// Start begins a sign-in by the flow. What the client tells the functions here is for PreAuthentication and UserMigration only, even when
// this one request completes the sign-in (observed).
func (m *Machine) Start(ctx context.Context, s Start) (*Outcome, error) {
	s.validation, s.Metadata = s.Metadata, nil
	s.Device = s.Params["DEVICE_KEY"]
	if err := checkFlow(s.Flow, s.By, s.Client); err != nil {
		return nil, err
	}
	switch s.Flow {
	case "USER_SRP_AUTH":
		return m.startSRP(ctx, s)
	case "CUSTOM_AUTH":
		return m.startCustom(ctx, s)
	case "USER_AUTH":
		return m.startChoice(ctx, s)
	}
	return m.startPassword(ctx, s)
}

// Answer checks the answer to a challenge.
func (m *Machine) Answer(ctx context.Context, a Answer) (_ *Outcome, err error) {
	a.Device = a.Responses["DEVICE_KEY"]
	name, err := username(a.Responses)
	if err != nil {
		return nil, err
	}
	if err := a.checkSecret(name, a.Responses); err != nil {
		return nil, err
	}
	switch a.Challenge {
	case PasswordVerifier:
		return m.answerSRP(ctx, a)
	case DevicePasswordVerifier:
		return m.answerDeviceSRP(ctx, a)
	}
	if a.Session == "" {
		return nil, missing("Session")
	}
	attempt, err := m.open(a.Pool, a.Client, a.Session)
	if err != nil {
		return nil, err
	}
	if !attempt.awaits(a.Challenge) {
		if attempt.Challenge == SMSMFA && a.Challenge == SoftwareTokenMFA {
			return nil, errNoTOTP // the service says so, whatever tokens the user has (observed)
		}
		return nil, errInvalidSession
	}
	defer func(before []user.EventStep) { m.recordWrong(ctx, a.Request, attempt, before, err) }(stepsOf(attempt))
	switch a.Challenge {
	case SelectChallenge:
		return m.answerChoice(ctx, a, attempt)
	case Password:
		return m.answerPassword(ctx, a, attempt)
	case PasswordSRP:
		return m.answerPasswordSRP(ctx, a, attempt)
	case EmailOTP, SMSOTP, SMSMFA:
		return m.answerCode(ctx, a, attempt)
	case WebAuthn:
		return m.answerPasskey(ctx, a, attempt)
	case CustomChallenge:
		return m.answerCustom(ctx, a, attempt)
	case NewPasswordRequired:
		return m.answerNewPassword(ctx, a, attempt)
	case SelectMFAType:
		return m.answerSelectMFA(ctx, a, attempt)
	case MFASetup:
		return m.answerSetup(ctx, a, attempt)
	case SoftwareTokenMFA:
		return m.answerTOTP(ctx, a, attempt)
	case DeviceSRPAuth:
		return m.answerDevice(ctx, a, attempt)
	}
	return nil, errInvalidSession
}

// awaits reports whether the attempt waits for an answer to the challenge. While a passkey is asked for, a user may still choose
// another factor: clients treat that step as a selection.
func (a *Attempt) awaits(c Challenge) bool {
	return a.Challenge == c || a.Challenge == WebAuthn && c == SelectChallenge && a.First == ""
}

// required returns a parameter that a flow or challenge cannot do without. An empty one counts as absent, as on the service.
func required(params map[string]string, name string) (string, error) {
	if v := params[name]; v != "" {
		return v, nil
	}
	return "", missing(name)
}

// username returns the user name that a flow or challenge cannot do without. It is held to the constraints of a user name.
func username(params map[string]string) (string, error) {
	name, err := required(params, "USERNAME")
	if err != nil {
		return "", err
	}
	return name, wire.CheckUsername(name)
}

func missing(name string) error {
	return fault.Newf(fault.InvalidParameter, "Missing required parameter %s", name)
}
