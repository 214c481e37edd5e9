// Package signin is the sign-in of a user: a machine that moves from challenge to challenge until it ends in a grant.
//
// The state of a sign-in is an Attempt. It is not stored: the session string that the client sends back (or the secret block of
// SRP) is the sealed Attempt itself, bound to pool and client, with its own expiry. What is stored is only that an attempt
// succeeded, so that each succeeds once.
//
// Three files decide. admit.go: who is let in, in which order. next.go: which first factors are offered and which challenge comes next, as
// pure functions. This one: which file poses and checks a challenge. Each challenge_*.go knows its own challenge and no other: when it
// is passed, it hands the sign-in to advance; when another one was chosen, to choose. Start with Machine.Start, Machine.Answer,
// Machine.advance and Next. A sign-in that has nothing more to prove ends in a Grant, and Machine.Redeem issues the tokens.
package signin

import (
	"context"
	"time"

	"github.com/cenote-id/cenote/internal/audit"
	"github.com/cenote-id/cenote/internal/credential"
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
	Powers   *credential.Powers // of SRP; nil: math/big
	Wall     func() time.Time   // the machine's time, where Now can be moved away from it; nil: it cannot

	KeepReused bool // a refresh token that is used again is refused, but does not end its sign-in
}

// Request is what every request of a sign-in has. Who calls, from which address, is known to the context (package caller).
type Request struct {
	Pool     *pool.Pool
	Client   *pool.Client
	By       Door
	Metadata map[string]string // ClientMetadata
	Device   string            // DEVICE_KEY as sent, or empty
	Browser  []BrowserDevice   // what a browser on the pages says it is, to its users; programs prove a device by SRP

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

// Answer checks the answer to a challenge. The proofs of SRP bring their attempt in the secret block, all other answers in the session.
func (m *Machine) Answer(ctx context.Context, a Answer) (_ *Outcome, err error) {
	a.Device = a.Responses["DEVICE_KEY"]
	name, err := username(a.Responses)
	if err != nil {
		return nil, err
	}
	if err := a.checkSecret(name, a.Responses); err != nil {
		return nil, err
	}
	if a.Challenge == PasswordVerifier || a.Challenge == DevicePasswordVerifier {
		return m.answerProof(ctx, a)
	}
	attempt, err := m.attemptOf(ctx, a)
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
	if name := answerName(a.Challenge); name != "" { // before the session is judged: nothing has been tried
		if _, err := required(a.Responses, name); err != nil {
			return nil, err
		}
	}
	w, err := m.resume(ctx, a, attempt)
	if err != nil {
		if attempt.Challenge == CustomChallenge {
			err = superseded(err)
		}
		return nil, err
	}
	return m.check(ctx, a.Request, w, attempt, a.Challenge, a.Responses)
}

// attemptOf returns the attempt that an answer is about.
func (m *Machine) attemptOf(ctx context.Context, a Answer) (*Attempt, error) {
	switch {
	case a.Session != "":
		return m.open(a.Pool, a.Client, a.Session)
	case a.Challenge == DeviceSRPAuth:
		return m.waitingFor(ctx, a)
	}
	return nil, missing("Session")
}

// awaits reports whether the attempt waits for an answer to the challenge. While a passkey is asked for, a user may still choose
// another factor: clients treat that step as a selection.
func (a *Attempt) awaits(c Challenge) bool {
	return a.Challenge == c || a.Challenge == WebAuthn && c == SelectChallenge && a.First == ""
}

// pose poses a challenge to the person.
func (m *Machine) pose(ctx context.Context, r Request, w *person, a *Attempt, c Challenge) (*Outcome, error) {
	switch c {
	case Password, PasswordSRP:
		return m.ask(r, m.pending(r.Client, a, c), map[string]string{})
	case EmailOTP, SMSOTP, SMSMFA:
		return m.poseCode(ctx, r, w, a, c)
	case WebAuthn:
		return m.posePasskey(ctx, r, w, a)
	case NewPasswordRequired:
		return m.poseNewPassword(r, w, a)
	case SelectMFAType:
		return m.poseSelectMFA(r, w, a)
	case MFASetup:
		return m.poseSetup(r, w, a)
	case SoftwareTokenMFA:
		return m.poseTOTP(r, w, a)
	case DeviceSRPAuth:
		return m.poseDevice(ctx, r, w, a)
	default: // what is left is posed by its own flow alone, or not at all
		return nil, errInvalidSession
	}
}

// check checks the answer to a challenge that the attempt waits for, or that was chosen a moment ago: with is what came with it.
func (m *Machine) check(ctx context.Context, r Request, w *person, a *Attempt, c Challenge, with map[string]string) (*Outcome, error) {
	switch c {
	case SelectChallenge:
		return m.checkChoice(ctx, r, w, a, with)
	case Password:
		return m.checkPassword(ctx, r, w, a, with)
	case PasswordSRP:
		return m.checkPasswordSRP(r, w, a, with)
	case EmailOTP, SMSOTP, SMSMFA:
		return m.checkCode(ctx, r, w, a, with)
	case WebAuthn:
		return m.checkPasskey(ctx, r, w, a, with)
	case CustomChallenge:
		return m.checkCustom(ctx, r, w, a, with)
	case NewPasswordRequired:
		return m.checkNewPassword(ctx, r, w, a, with)
	case SelectMFAType:
		return m.checkSelectMFA(ctx, r, w, a, with)
	case MFASetup:
		return m.checkSetup(ctx, r, w, a, with)
	case SoftwareTokenMFA:
		return m.checkTOTP(ctx, r, w, a, with)
	case DeviceSRPAuth:
		return m.checkDevice(r, w, a, with)
	default: // proofs have a door of their own
		return nil, errInvalidSession
	}
}

// choose goes on with a factor that the user chose: its answer is checked at once when it came along, else it is posed.
func (m *Machine) choose(ctx context.Context, r Request, w *person, a *Attempt, c Challenge, with map[string]string) (*Outcome, error) {
	material := map[Challenge]string{Password: "PASSWORD", PasswordSRP: "SRP_A", WebAuthn: "CREDENTIAL"}[c]
	if with[material] != "" && (c != WebAuthn || a.Passkey != nil) { // a passkey answers a challenge that was posed before
		return m.check(ctx, r, w, a, c, with)
	}
	return m.pose(ctx, r, w, a, c)
}

// answerName returns the response without which a challenge is not answered at all; "" where several will do.
func answerName(c Challenge) string {
	switch c {
	case SelectChallenge, CustomChallenge, SelectMFAType:
		return "ANSWER"
	case Password:
		return "PASSWORD"
	case PasswordSRP:
		return "SRP_A"
	case EmailOTP, SMSOTP, SMSMFA:
		return answerOf(c)
	case WebAuthn:
		return "CREDENTIAL"
	case NewPasswordRequired:
		return "NEW_PASSWORD"
	case SoftwareTokenMFA:
		return "SOFTWARE_TOKEN_MFA_CODE"
	default:
		return ""
	}
}

// username returns the user name that a flow or challenge cannot do without. It is held to the constraints of a user name.
func username(params map[string]string) (string, error) {
	name, err := required(params, "USERNAME")
	if err != nil {
		return "", err
	}
	return name, wire.CheckUsername(name)
}

// required returns a parameter that a flow or challenge cannot do without. An empty one counts as absent, as on the service.
func required(params map[string]string, name string) (string, error) {
	if v := params[name]; v != "" {
		return v, nil
	}
	return "", missing(name)
}

func missing(name string) error {
	return fault.Newf(fault.InvalidParameter, "Missing required parameter %s", name)
}
