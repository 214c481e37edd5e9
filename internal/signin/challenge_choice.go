package signin

import (
	"context"
	"errors"
	"slices"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/pool"
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
	w, err := m.find(ctx, s.Request, name)
	if err != nil {
		return nil, err
	}
	if err := w.checkEnabled(m.Now()); err != nil {
		return nil, err
	}
	if err := m.preAuthentication(ctx, s.Request, w, name); err != nil {
		return nil, err
	}
	if err := w.checkStatus(); err != nil {
		return nil, err
	}
	offered := m.offered(s.Pool, w)
	if len(offered) == 0 {
		return nil, errWrongPassword
	}
	if preferred == "" && len(offered) == 1 {
		preferred = offered[0]
	}
	a := begin(w, name)
	if !slices.Contains(offered, preferred) {
		next := m.pending(s.Client, a, SelectChallenge)
		next.Choices = names(offered)
		o, err := m.ask(s.Request, next, map[string]string{})
		return withChoices(o, offered), err
	}
	o, err := m.choose(ctx, s.Request, w, a, preferred, s.Params)
	return withChoices(o, offered), err
}

// choosable are the first factors, in the order in which the service lists them.
var choosable = []Challenge{PasswordSRP, Password, EmailOTP, SMSOTP, WebAuthn}

// offered returns the first factors that the person can choose. One-time codes and passkeys are no choice for a user who has to change
// a temporary password, nor for one who needs a second factor, unless the pool takes a passkey for two factors.
func (m *Machine) offered(p *pool.Pool, w *person) []Challenge {
	var out []Challenge
	u := w.user
	for _, c := range choosable {
		ok := false
		switch c {
		case Password, PasswordSRP:
			ok = u == nil || u.Password != nil
		case EmailOTP, SMSOTP:
			contact := contactOf(c)
			ok = p.AllowsFirstFactor(pool.Factor(c)) && (u == nil && p.MFA() != pool.MFARequired && slices.Contains(w.contacts, contact) ||
				u != nil && u.Reachable(contact) && u.Status == user.Confirmed && !needsSecond(p, u))
		case WebAuthn:
			ok = p.AllowsFirstFactor(pool.Factor(c)) && u != nil && w.passkeys > 0 && u.Status == user.Confirmed &&
				(!needsSecond(p, u) || u.PasskeyCountsAsTwo(p))
		default: // no first factor
		}
		if ok {
			out = append(out, c)
		}
	}
	return out
}

// needsSecond reports whether a password alone would not sign this user in.
func needsSecond(p *pool.Pool, u *user.User) bool {
	return p.MFA() == pool.MFARequired || len(u.ActiveFactors(p)) > 0
}

// answerChoice takes the user's choice. The material for its answer may come with it.
func (m *Machine) answerChoice(ctx context.Context, a Answer, attempt *Attempt) (*Outcome, error) {
	choice, err := required(a.Responses, "ANSWER")
	if err != nil {
		return nil, err
	}
	w, err := m.resume(ctx, a, attempt)
	if err != nil {
		return nil, err
	}
	if !slices.Contains(m.offered(a.Pool, w), Challenge(choice)) {
		return nil, fault.New(fault.InvalidParameter, "The challenge that was chosen is not available to the user.")
	}
	return m.choose(ctx, a.Request, w, attempt, Challenge(choice), a.Responses)
}

// choose poses a factor that was chosen, or checks it at once when its answer came along.
func (m *Machine) choose(ctx context.Context, r Request, w *person, a *Attempt, c Challenge, with map[string]string) (*Outcome, error) {
	switch {
	case c == Password && with["PASSWORD"] != "":
		return m.checkPassword(ctx, r, w, a, with["PASSWORD"])
	case c == PasswordSRP && with["SRP_A"] != "":
		return m.poseSRP(r, w, a, with["SRP_A"], true)
	case c == EmailOTP, c == SMSOTP:
		if err := m.spendIfAsked(ctx, r, a); err != nil {
			return nil, err
		}
		return m.poseCode(ctx, r, w, a, c)
	case c == WebAuthn && with["CREDENTIAL"] != "" && a.Passkey != nil: // chosen again, and answered, while it is asked for
		return m.checkPasskey(ctx, r, w, a, with["CREDENTIAL"])
	case c == WebAuthn && with["CREDENTIAL"] != "" && a.Passkey != nil:
		return m.checkPasskey(ctx, r, w, a, with["CREDENTIAL"])
	case c == WebAuthn:
		return m.posePasskey(ctx, r, w, a)
	}
	return m.ask(r, m.pending(r.Client, a, c), map[string]string{})
}

// spendIfAsked consumes the selection before a code is sent, so that one selection sends one code.
func (m *Machine) spendIfAsked(ctx context.Context, r Request, a *Attempt) error {
	if a.ID == "" {
		return nil
	}
	return m.spend(ctx, r, a)
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
	answer := Answer{Request: s.Request, Responses: map[string]string{"USERNAME": name}}
	w, err := m.resume(ctx, answer, attempt)
	if err != nil {
		return nil, err
	}
	if err := m.preAuthentication(ctx, s.Request, w, name); err != nil {
		return nil, err
	}
	attempt.First = BySignUp
	return m.advance(ctx, s.Request, w, attempt, nil)
}

// The states of a sign-up that goes on as a sign-in. They are no challenges and no client can answer them.
const (
	signUpBegun     Challenge = "cenote:sign_up"
	signUpConfirmed Challenge = "cenote:sign_up_confirmed"
)

// SignUpSession returns the session that SignUp answers, for ConfirmSignUp to go on with; "" for a client that does not sign in by
// choice (observed). A user who was confirmed at once goes on to InitiateAuth with it, unless nothing would let this user in later.
func (m *Machine) SignUpSession(r Request, u *user.User) (string, error) {
	if !r.Client.AllowsFlow("USER_AUTH") {
		return "", nil
	}
	state := signUpBegun
	if u.Status == user.Confirmed {
		if state = signUpConfirmed; u.Password == nil && !u.NeedsNoPassword(r.Pool) {
			return "", nil
		}
	}
	return m.seal(r.Pool, r.Client, m.pending(r.Client, &Attempt{UserID: u.ID, Username: u.Username}, state))
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
