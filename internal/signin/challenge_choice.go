package signin

import (
	"context"
	"errors"
	"slices"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/trigger"
	"github.com/cenote-id/cenote/internal/user"
)

// startChoice is the USER_AUTH flow: the user chooses how to sign in, or the client says what it would prefer.
func (m *Machine) startChoice(ctx context.Context, s Start) (*Outcome, error) {
	name, err := username(s.Params)
	if err != nil {
		return nil, err
	}
	for _, stepUp := range []string{"TARGET_ACR_VALUES", "MAX_AGE", "ACCESS_TOKEN"} {
		if s.Params[stepUp] != "" {
			return nil, fault.Newf(fault.InvalidParameter, "%s is not supported.", stepUp)
		}
	}
	if err := s.checkSecret(name, s.Params); err != nil {
		return nil, err
	}
	if s.Session != "" {
		return m.continueSignUp(ctx, s, name)
	}
	preferred := Challenge(s.Params["PREFERRED_CHALLENGE"])
	if preferred != "" && !slices.Contains(choosable, preferred) {
		return nil, fault.New(fault.InvalidParameter, "Invalid PREFERRED_CHALLENGE.")
	}
	s.mayMigrate = preferred == Password && s.Params["PASSWORD"] != "" && m.Triggers.Has(s.Pool, trigger.UserMigration)
	w, err := m.meet(ctx, s.Request, name)
	if err != nil {
		return nil, err
	}
	a := begin(s.Pool, w)
	offered := Offered(facts(s.Pool, w, a))
	if !w.user.Passwordless() || len(offered) == 0 {
		if err := m.checkStatus(ctx, s.Request, w); err != nil {
			return nil, err
		}
	}
	if len(offered) == 0 {
		return nil, errWrongPassword
	}
	if preferred == "" && len(offered) == 1 {
		preferred = offered[0]
	}
	if !slices.Contains(offered, preferred) {
		next := m.pending(s.Client, a, SelectChallenge)
		next.Choices = names(offered)
		o, err := m.ask(s.Request, next, map[string]string{})
		return withChoices(o, offered), err
	}
	o, err := m.choose(ctx, s.Request, w, a, preferred, s.Params)
	return withChoices(o, offered), err
}

// choosable are the first factors that a client may prefer.
var choosable = []Challenge{PasswordSRP, Password, EmailOTP, SMSOTP, WebAuthn}

// checkChoice takes the user's choice. The material for its answer may come with it.
func (m *Machine) checkChoice(ctx context.Context, r Request, w *person, a *Attempt, with map[string]string) (*Outcome, error) {
	choice, err := required(with, "ANSWER")
	if err != nil {
		return nil, err
	}
	if !slices.Contains(Offered(facts(r.Pool, w, a)), Challenge(choice)) {
		return nil, fault.New(fault.InvalidParameter, "The challenge that was chosen is not available to the user.")
	}
	return m.choose(ctx, r, w, a, Challenge(choice), with)
}

// continueSignUp signs a user in who confirmed the sign-up a moment ago, with the session of ConfirmSignUp and without another code.
func (m *Machine) continueSignUp(ctx context.Context, s Start, name string) (*Outcome, error) {
	attempt, err := m.open(s.Pool, s.Client, s.Session)
	if err != nil {
		return nil, err
	}
	if attempt.Challenge != signUpConfirmed {
		return nil, errInvalidSession
	}
	w, err := m.resume(ctx, Answer{Request: s.Request, Responses: map[string]string{"USERNAME": name}}, attempt)
	if err != nil {
		return nil, err
	}
	if err := m.preAuthentication(ctx, s.Request, w); err != nil {
		return nil, err
	}
	attempt.First = BySignUp
	return m.advance(ctx, s.Request, w, attempt, nil)
}

// SignUpSession returns the session that SignUp answers, for ConfirmSignUp to go on with; "" for a client that does not sign in by
// choice (observed), except on the pages. A user who was confirmed at once goes on to InitiateAuth with it, unless nothing would let this user in later.
func (m *Machine) SignUpSession(r Request, u *user.User) (string, error) {
	if checkFlow("USER_AUTH", r.By, r.Client) != nil {
		return "", nil
	}
	state := signUpBegun
	if u.Status == user.Confirmed {
		if state = signUpConfirmed; u.Password == nil && !u.NeedsNoPassword(r.Pool) {
			return "", nil
		}
	}
	return m.seal(r.Pool, r.Client, m.pending(r.Client, begin(r.Pool, someone(r.Pool, u)), state))
}

// ConfirmedSession exchanges the session of SignUp for one that InitiateAuth takes in the USER_AUTH flow, within the transaction that
// confirms the user. Without a session the code speaks for the user by itself: Amplify sends none and goes on with the one it is answered. One
// whose time is over is answered by none, since a message may take longer than a session lives, and whoever has the right code is
// confirmed all the same.
func (m *Machine) ConfirmedSession(tx *store.Tx, r Request, u *user.User, session string) (string, error) {
	if session == "" {
		return m.SignUpSession(r, u)
	}
	a, err := m.open(r.Pool, r.Client, session)
	if errors.Is(err, errExpiredSession) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	if a.Challenge != signUpBegun || a.UserID != u.ID {
		return "", errInvalidSession
	}
	if err := m.consume(tx, r, a.ID); err != nil {
		return "", err
	}
	a.Ground = ground(u)
	return m.seal(r.Pool, r.Client, m.pending(r.Client, a, signUpConfirmed))
}

func names(cs []Challenge) []string {
	out := make([]string, len(cs))
	for i, c := range cs {
		out[i] = string(c)
	}
	return out
}

func withChoices(o *Outcome, offered []Challenge) *Outcome {
	if o != nil && o.Grant == nil {
		o.Available = names(offered)
	}
	return o
}
