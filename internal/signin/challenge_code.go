package signin

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/cenote-id/cenote/internal/credential"
	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/message"
	"github.com/cenote-id/cenote/internal/notify"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/user"
)

// The lengths of codes, observed on the service: longer as the only factor.
const (
	secondFactorDigits = 6
	firstFactorDigits  = 8
)

// errWrongCode is the answer for a wrong code of any medium. The session stays usable (observed: six wrong codes in a row).
var errWrongCode = fault.New(fault.CodeMismatch, "Invalid code or auth state for the user.")

// errTooManyCodes is the answer to everybody who has tried too many codes, right or wrong. Until then the service's behaviour is kept;
// but codes of a few digits must not be tried out.
var errTooManyCodes = fault.New(fault.NotAuthorized, "Attempt limit exceeded, please try after some time.")

// answerOf returns the response that carries the code.
func answerOf(c Challenge) string {
	switch c {
	case EmailOTP:
		return "EMAIL_OTP_CODE"
	case SMSOTP:
		return "SMS_OTP_CODE"
	default:
		return "SMS_MFA_CODE"
	}
}

// poseCode sends a code and asks for it: as the first factor when nothing has been passed yet, else as the second. A new code voids
// the one before. For a phantom it does the same work, but nobody is told the code.
func (m *Machine) poseCode(ctx context.Context, r Request, w *person, a *Attempt, c Challenge) (*Outcome, error) {
	if err := m.spend(ctx, r, a); err != nil { // one choice sends one code
		return nil, err
	}
	contact, digits := contactOf(c), secondFactorDigits
	if a.First == "" {
		digits = firstFactorDigits
	}
	next := m.pending(r.Client, a, c)
	next.Enrols = a.Enrols
	plain := credential.NewCode(digits)
	code := &user.Code{
		Purpose: user.SignInCode, Attribute: contact, Value: cmp.Or(a.Enrols, w.user.Attributes[contact]),
		Hash: credential.HashCode(r.Pool.CodeKey(), plain, r.Pool.ID, w.user.ID, next.ID), Expires: next.Expires,
	}
	if code.Value == "" || c == EmailOTP && a.Enrols == "" && !w.user.Reachable(contact) {
		return nil, fault.Newf(fault.InvalidParameter, "User does not have delivery config set to turn on %s", c)
	}
	err := m.Store.Update(ctx, func(tx *store.Tx) error { return tx.SaveCode(r.Pool, w.user.ID, code) })
	if err != nil {
		return nil, err
	}
	if err := m.sendCode(ctx, r, w, a, code, plain); err != nil {
		return nil, err
	}
	params := map[string]string{
		"CODE_DELIVERY_DELIVERY_MEDIUM": string(notify.MediumOf(contact)),
		"CODE_DELIVERY_DESTINATION":     notify.Mask(contact, code.Value),
	}
	if a.First != "" {
		params["USER_ID_FOR_SRP"] = w.shown()
	}
	return m.ask(r, next, params)
}

// SendAgain sends another code for a challenge that asks for one, and returns the challenge with a new session; the code before and its session are
// void. The pages need it: the API has no operation for it, and a client begins anew. It counts as any other code does, for the limits of
// messages and of wrong codes.
func (m *Machine) SendAgain(ctx context.Context, r Request, session, name string) (*Outcome, error) {
	a, err := m.open(r.Pool, r.Client, session)
	if err != nil {
		return nil, err
	}
	if contactOf(a.Challenge) == "" {
		return nil, errInvalidSession
	}
	w, err := m.resume(ctx, Answer{Request: r, Challenge: a.Challenge, Responses: map[string]string{"USERNAME": name}}, a)
	if err != nil {
		return nil, err
	}
	switch {
	case a.First == "" && !slices.Contains(Offered(facts(r.Pool, w, a)), a.Challenge):
		return nil, errInvalidSession
	case a.Enrols != "":
		if err := checkNoFactor(r.Pool, w.user); err != nil {
			return nil, err
		}
	}
	return m.poseCode(ctx, r, w, a, a.Challenge)
}

// sendCode tells the user the code. A first factor can be asked for by anybody, so that it is sent behind the answer where the client hides
// who exists.
func (m *Machine) sendCode(ctx context.Context, r Request, w *person, a *Attempt, code *user.Code, plain string) error {
	if w.user.Phantom {
		m.Notify.SendNobody(r.Pool, w.subject)
		return nil
	}
	note := notify.Note{
		Pool: r.Pool, Client: r.Client, User: w.user, Reason: message.Authentication,
		Contact: code.Attribute, To: code.Value, Code: plain, Metadata: r.Metadata, Proven: a.First != "",
	}
	send := m.Notify.Send
	if a.First == "" {
		send = m.Notify.SendHiding
	}
	if err := send(ctx, note); err != nil {
		return undelivered(err)
	}
	return nil
}

// undelivered words a failed delivery for the operations of sign-in, which declare neither a delivery failure nor a limit of messages. What
// a trigger has to say is told as it is.
func undelivered(err error) error {
	switch {
	case fault.Is(err, fault.LimitExceeded):
		return errTooManyCodes
	case !fault.Is(err, fault.CodeDeliveryFailure):
		return err
	}
	return fault.New(fault.InvalidParameter, "Unable to deliver the message to the user.").Because(err)
}

// checkCode checks a code.
func (m *Machine) checkCode(ctx context.Context, r Request, w *person, a *Attempt, with map[string]string) (*Outcome, error) {
	given, err := required(with, answerOf(a.Challenge))
	if err != nil {
		return nil, err
	}
	if a.blind() {
		return nil, errWrongCode
	}
	if a.First == "" && !slices.Contains(Offered(facts(r.Pool, w, a)), a.Challenge) {
		return nil, errInvalidSession // a second factor may have been turned on since the code was sent
	}
	passing := *a
	try := user.SignInCodeTry
	if a.First == "" {
		passing.First, try = ByCode, user.FirstCodeTry
	} else {
		passing.passed(a.Challenge)
	}
	check := func(tx *store.Tx) error {
		code, err := m.codeOf(tx, r, w, a, given)
		if err != nil {
			return err
		}
		if code == nil {
			return m.judge(tx, r, w, try, errWrongCode)
		}
		if err := m.judge(tx, r, w, try, nil); err != nil {
			return err
		}
		if err := m.proveContact(tx, r, w, a, code); err != nil {
			return err
		}
		passing.Ground = ground(w.user)
		return tx.DeleteCode(r.Pool, w.user.ID, user.SignInCode)
	}
	if w.user.Phantom {
		return nil, m.settle(ctx, check) // always wrong
	}
	return m.advance(ctx, r, w, &passing, check)
}

// codeOf returns the code that was sent for the attempt, if it is the one that was given; nil for a wrong one.
func (m *Machine) codeOf(tx *store.Tx, r Request, w *person, a *Attempt, given string) (*user.Code, error) {
	code, err := tx.Code(r.Pool, w.user.ID, user.SignInCode)
	if err != nil {
		return nil, err
	}
	right := code != nil && m.Now().Before(code.Expires) && code.Attribute == contactOf(a.Challenge) &&
		credential.CodeMatches(r.Pool.CodeKeys(), code.Hash, given, r.Pool.ID, w.user.ID, a.ID)
	if !right || w.user.Phantom {
		return nil, nil
	}
	return code, nil
}

// judge counts a wrong code and returns its refusal; a right one forgets the count.
func (m *Machine) judge(tx *store.Tx, r Request, w *person, try user.Action, wrong error) error {
	n, err := tx.Counter(r.Pool.ID, w.subject, try)
	switch {
	case err != nil:
		return err
	case !n.Allowed(try, m.Now()):
		return errTooManyCodes
	case wrong != nil:
		if err := tx.SaveCounter(r.Pool.ID, w.subject, try, n.Add(m.Now())); err != nil {
			return err
		}
		return refusal{wrong}
	case n.Count > 0:
		return tx.DeleteCounter(r.Pool.ID, w.subject, try)
	}
	return nil
}

// proveContact marks the address that a right code went to as verified: the user has shown control of it. It must still be the user's:
// whoever reads another one shows nothing. An address that was being set up becomes the user's own, and a second factor. An alias that is
// somebody else's stays unverified, and is no reason not to sign in.
func (m *Machine) proveContact(tx *store.Tx, r Request, w *person, a *Attempt, code *user.Code) error {
	u, err := a.reread(tx, r.Pool)
	if err != nil {
		return err
	}
	own := u.Attributes[code.Attribute]
	switch {
	case own != code.Value && (a.Enrols == "" || own != ""):
		return errInvalidSession
	case a.Enrols != "":
		u.Attributes.Set(code.Attribute, a.Enrols)
		u.Factors.Turn(pool.Factor(a.Challenge), true)
	case u.Attributes.Verified(code.Attribute) && !u.Passwordless():
		return nil
	}
	if u.Passwordless() {
		u.Settle(m.Now())
	}
	u.Verify(code.Attribute, code.Value, m.Now())
	err = tx.SaveUser(r.Pool, u)
	var taken *store.NameTaken
	if errors.As(err, &taken) && a.Enrols == "" {
		return nil
	}
	if err == nil {
		w.user = u
	}
	return aliasExists(err)
}
