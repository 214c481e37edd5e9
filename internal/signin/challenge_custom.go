package signin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/google/uuid"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/seal"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/trigger"
	"github.com/cenote-id/cenote/internal/wire"
)

// customState is what a sign-in by custom challenges carries from step to step: the whole of what the functions are shown of the steps
// before. It is never changed in place, since attempts share it.
type customState struct {
	seal.Hidden `json:"-"`

	Steps    []trigger.ChallengeResult `json:"s,omitempty"` // oldest first
	Told     int                       `json:"t,omitempty"` // how many of Attempt.Passed are among them
	SRPA     string                    `json:"a,omitempty"` // until PASSWORD_VERIFIER is posed
	Private  map[string]string         `json:"p,omitempty"` // of the pending CUSTOM_CHALLENGE, for its verification
	Metadata *string                   `json:"m,omitempty"` // the same, for its step
	Row      string                    `json:"r,omitempty"` // all of this is in the row of the challenges with this id
}

// The bounds of customState. A session has room for 2,048 characters, some 1,500 bytes before they are sealed, and the second step of SRP
// adds up to 620 of them to the attempt.
const (
	maxCarried = 780 // bytes of JSON of an attempt with its state; a larger state is put into a row
	rowLives   = 6   // a row outlives as many steps that the service inserts, each with a session of its own
)

// startCustom is the sign-in by the operator's own challenges. With CHALLENGE_NAME=SRP_A the password can be one of them.
func (m *Machine) startCustom(ctx context.Context, s Start) (*Outcome, error) {
	name, err := username(s.Params)
	if err != nil {
		return nil, err
	}
	state := &customState{}
	switch first := s.Params["CHALLENGE_NAME"]; first {
	case "", string(CustomChallenge):
	case "SRP_A":
		if state.SRPA, err = required(s.Params, "SRP_A"); err != nil {
			return nil, err
		}
		if _, err := parseA(state.SRPA); err != nil {
			return nil, err
		}
		state.Steps = []trigger.ChallengeResult{{ChallengeName: "SRP_A", ChallengeResult: true}}
	default:
		return nil, fault.Newf(fault.InvalidParameter, "Invalid CHALLENGE_NAME: %s", first)
	}
	if err := s.checkSecret(name, s.Params); err != nil {
		return nil, err
	}
	w, err := m.enter(ctx, s.Request, name)
	if err != nil {
		return nil, err
	}
	a := begin(s.Pool, w)
	a.Custom = state
	return m.define(ctx, s.Request, w, a)
}

// checkCustom has an answer verified. Right or wrong, it uses up the session: what comes next is for DefineAuthChallenge to say, under
// a new one.
func (m *Machine) checkCustom(ctx context.Context, r Request, w *person, a *Attempt, with map[string]string) (*Outcome, error) {
	answer, err := required(with, "ANSWER")
	if err != nil {
		return nil, err
	}
	if err := m.unpack(ctx, r, a); err != nil {
		return nil, err
	}
	if err := m.spend(ctx, r, a); err != nil {
		return nil, superseded(err)
	}
	userName, attributes, notFound := asked(r, w)
	correct, err := m.Triggers.VerifyAuthChallenge(ctx,
		trigger.CallFrom(ctx, r.Pool, r.Client.ID, userName, trigger.VerifyAuthChallengeAuthentication),
		trigger.VerifyAuthChallengeRequest{
			UserAttributes: attributes, PrivateChallengeParameters: a.Custom.Private, ChallengeAnswer: answer,
			ClientMetadata: r.Metadata, UserNotFound: notFound,
		})
	if err != nil {
		return nil, err
	}
	a.Custom = a.Custom.with(trigger.ChallengeResult{
		ChallengeName: string(CustomChallenge), ChallengeResult: correct, ChallengeMetadata: a.Custom.Metadata,
	})
	return m.define(ctx, r, w, a)
}

// superseded words the refusal of a session that a later one replaced (observed; other challenges say that it was used).
func superseded(err error) error {
	if errors.Is(err, errUsedSession) {
		return errInvalidSession
	}
	return err
}

// passedVerifier goes on after the password was proved. New password and second factor are asked for by the machine itself; then the
// functions are asked again (see advance).
func (m *Machine) passedVerifier(ctx context.Context, r Request, w *person, a *Attempt) (*Outcome, error) {
	if err := m.unpack(ctx, r, a); err != nil {
		return nil, err
	}
	a.Custom = a.Custom.with(trigger.ChallengeResult{ChallengeName: string(PasswordVerifier), ChallengeResult: true})
	return m.advance(ctx, r, w, a, nil)
}

// with returns the state after a step.
func (c *customState) with(step trigger.ChallengeResult) *customState {
	next := *c
	next.Steps = append(slices.Clone(c.Steps), step)
	next.Private, next.Metadata = nil, nil
	return &next
}

// withPassed returns the state after the challenges that were passed since, which the machine asked for by itself. To choose a factor or
// to set one up is no step that functions are shown.
func (c *customState) withPassed(passed []Challenge) *customState {
	next := *c
	for _, p := range passed[min(c.Told, len(passed)):] {
		if p != SelectMFAType && p != MFASetup {
			next = *next.with(trigger.ChallengeResult{ChallengeName: string(p), ChallengeResult: true})
		}
	}
	next.Told = len(passed)
	return &next
}

// define asks DefineAuthChallenge for the next step and takes it. The attempt, if there was one before, is consumed.
func (m *Machine) define(ctx context.Context, r Request, w *person, a *Attempt) (*Outcome, error) {
	if err := m.unpack(ctx, r, a); err != nil {
		return nil, err
	}
	a.Custom = a.Custom.withPassed(a.Passed)
	userName, attributes, notFound := asked(r, w)
	next, err := m.Triggers.DefineAuthChallenge(ctx,
		trigger.CallFrom(ctx, r.Pool, r.Client.ID, userName, trigger.DefineAuthChallengeAuthentication),
		trigger.DefineAuthChallengeRequest{
			UserAttributes: attributes, Session: a.Custom.Steps, ClientMetadata: r.Metadata, UserNotFound: notFound,
		})
	if err != nil {
		return nil, err
	}
	switch {
	case next.FailAuthentication:
		return nil, errWrongPassword
	case next.IssueTokens:
		return m.endCustom(ctx, r, w, a)
	}
	switch c := Challenge(next.ChallengeName); {
	case c == CustomChallenge:
		return m.poseCustom(ctx, r, w, a)
	case c == PasswordVerifier && a.Custom.SRPA != "":
		return m.poseCustomSRP(ctx, r, w, a)
	case slices.Contains(w.user.ActiveFactors(r.Pool), pool.Factor(c)):
		return m.poseFactor(ctx, r, w, a, c)
	}
	return nil, fault.Newf(fault.InvalidLambdaResponse, "Unrecognizable lambda output").
		Because(fmt.Errorf("DefineAuthChallenge: the challenge %q cannot be posed", next.ChallengeName))
}

// endCustom ends the operator's ladder. What the rules ask of anybody who gave a password still holds, and a remembered device has to
// prove itself. A function cannot sign in a user who does not exist.
func (m *Machine) endCustom(ctx context.Context, r Request, w *person, a *Attempt) (*Outcome, error) {
	if w.user.Phantom {
		return nil, errWrongPassword
	}
	a.Custom = nil
	if a.First == "" {
		a.First = ByTriggers
	}
	return m.advance(ctx, r, w, a, nil)
}

// poseCustom has a challenge made. The public part goes to the client, the private one waits for the answer.
func (m *Machine) poseCustom(ctx context.Context, r Request, w *person, a *Attempt) (*Outcome, error) {
	userName, attributes, notFound := asked(r, w)
	made, err := m.Triggers.CreateAuthChallenge(ctx,
		trigger.CallFrom(ctx, r.Pool, r.Client.ID, userName, trigger.CreateAuthChallengeAuthentication),
		trigger.CreateAuthChallengeRequest{
			UserAttributes: attributes, ChallengeName: string(CustomChallenge), Session: a.Custom.Steps,
			ClientMetadata: r.Metadata, UserNotFound: notFound,
		})
	if err != nil {
		return nil, err
	}
	state := *a.Custom
	state.Private, state.Metadata = made.PrivateChallengeParameters, made.ChallengeMetadata
	next := m.pending(r.Client, a, CustomChallenge)
	if next.Custom, err = m.pack(ctx, r, a, &state); err != nil {
		return nil, err
	}
	params := map[string]string{}
	maps.Copy(params, made.PublicChallengeParameters)
	params["USERNAME"] = w.shown()
	return m.ask(r, next, params)
}

// poseCustomSRP asks for the password, with the half of SRP that the client sent at the start.
func (m *Machine) poseCustomSRP(ctx context.Context, r Request, w *person, a *Attempt) (*Outcome, error) {
	state, next := *a.Custom, *a
	publicA, err := parseA(state.SRPA)
	if err != nil {
		return nil, err
	}
	state.SRPA = ""
	if next.Custom, err = m.pack(ctx, r, a, &state); err != nil {
		return nil, err
	}
	return m.poseSRP(r, w, &next, publicA, true)
}

// poseFactor asks for a second factor because DefineAuthChallenge says so. It counts only behind a password: without one, no code is right
// (observed), see blind.
func (m *Machine) poseFactor(ctx context.Context, r Request, w *person, a *Attempt, c Challenge) (*Outcome, error) {
	next := *a
	var err error
	if next.Custom, err = m.pack(ctx, r, a, a.Custom); err != nil {
		return nil, err
	}
	if a.First == "" {
		return m.ask(r, m.pending(r.Client, &next, c), map[string]string{"USER_ID_FOR_SRP": w.shown()})
	}
	return m.pose(ctx, r, w, &next, c)
}

// blind reports whether the attempt waits for a second factor without a first one.
func (a *Attempt) blind() bool {
	return a.Custom != nil && a.First == "" && (a.Challenge == SMSMFA || a.Challenge == SoftwareTokenMFA || a.Challenge == EmailOTP)
}

// pack returns the state as an attempt carries it: itself, or the reference to a row that holds it.
func (m *Machine) pack(ctx context.Context, r Request, a *Attempt, state *customState) (*customState, error) {
	if state.Row != "" {
		return state, nil
	}
	whole := *a
	whole.Custom = state
	size, err := json.Marshal(whole)
	if err != nil {
		return nil, fmt.Errorf("encode attempt: %w", err)
	}
	if len(size) <= maxCarried {
		return state, nil
	}
	text, err := json.Marshal(state)
	if err != nil {
		return nil, fmt.Errorf("encode custom challenge: %w", err)
	}
	id := uuid.NewString()
	expires := m.Now().Add(rowLives * r.Client.AttemptLife())
	err = m.Store.Update(ctx, func(tx *store.Tx) error { return tx.SaveChallenge(r.Pool, a.UserID, id, text, expires) })
	if err != nil {
		return nil, err
	}
	return &customState{Row: id}, nil
}

// unpack reads the state of the attempt from its row, if it is there.
func (m *Machine) unpack(ctx context.Context, r Request, a *Attempt) error {
	if a.Custom == nil {
		return errInvalidSession
	}
	if a.Custom.Row == "" {
		return nil
	}
	var text []byte
	err := m.Store.View(ctx, func(tx *store.Tx) (err error) {
		text, err = tx.Challenge(r.Pool, a.UserID, a.Custom.Row, m.Now())
		return err
	})
	if err != nil {
		return err
	}
	if text == nil {
		return errExpiredSession
	}
	a.Custom = &customState{}
	if err := wire.Unmarshal(text, a.Custom); err != nil {
		return fmt.Errorf("decode custom challenge: %w", err)
	}
	return nil
}
