package signin

import (
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

// contactOf returns the attribute that a challenge sends its code to.
func contactOf(c Challenge) string {
	return pool.Factor(c).Contact()
}

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
// the one before. For a user who does not exist it does the same work, but nobody is told the code.
func (m *Machine) poseCode(ctx context.Context, r Request, w *person, a *Attempt, c Challenge) (*Outcome, error) {
	contact, digits := contactOf(c), secondFactorDigits
	if a.First == "" {
		digits = firstFactorDigits
	}
	next := m.pending(r.Client, a, c)
	plain := credential.NewCode(digits)
	code := &user.Code{
		Purpose: user.SignInCode, Attribute: contact,
		Hash: credential.HashCode(r.Pool.CodeKey(), plain, r.Pool.ID, w.codeOwner(), next.ID), Expires: next.Expires,
	}
	if w.user != nil {
		if code.Value = w.user.Attributes[contact]; a.Email != "" {
			code.Value, next.Email = a.Email, a.Email
		}
		if code.Value == "" {
			return nil, fault.Newf(fault.InvalidParameter, "User does not have delivery config set to turn on %s", c)
		}
	}
	err := m.Store.Update(ctx, func(tx *store.Tx) error { return tx.SaveCode(r.Pool, w.codeOwner(), code) })
	if err != nil {
		return nil, err
	}
	params := map[string]string{"CODE_DELIVERY_DELIVERY_MEDIUM": string(notify.MediumOf(contact))}
	if a.First != "" {
		params["USER_ID_FOR_SRP"] = w.shownName
	}
	if w.user == nil {
		m.Notify.SendNobody(r.Pool, w.subject)
		params["CODE_DELIVERY_DESTINATION"] = pretendDestination(r.Pool, contact, a.Typed)
		return m.ask(r, next, params)
	}
	note := notify.Note{
		Pool: r.Pool, Client: r.Client, User: w.user, Reason: message.Authentication,
		Contact: contact, To: code.Value, Code: plain, Metadata: r.Metadata, Proven: a.First != "",
	}
	send := m.Notify.Send
	if a.First == "" {
		send = m.Notify.SendHiding
	}
	if err := send(ctx, note); err != nil {
		return nil, undelivered(err)
	}
	params["CODE_DELIVERY_DESTINATION"] = notify.Mask(contact, code.Value)
	return m.ask(r, next, params)
}

// codeOwner returns under whose name a code is kept.
func (w *person) codeOwner() string {
	if w.user == nil {
		return w.subject
	}
	return w.user.ID
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

// answerCode checks a code.
func (m *Machine) answerCode(ctx context.Context, a Answer, attempt *Attempt) (*Outcome, error) {
	given, err := required(a.Responses, answerOf(a.Challenge))
	if err != nil {
		return nil, err
	}
	w, err := m.resume(ctx, a, attempt)
	if err != nil {
		return nil, err
	}
	if attempt.blind() {
		return nil, errWrongCode
	}
	if attempt.First == "" && !slices.Contains(m.offered(a.Pool, w), a.Challenge) {
		return nil, errInvalidSession // a second factor may have been turned on since the code was sent
	}
	passing := *attempt
	try := user.SignInCodeTry
	if attempt.First == "" {
		passing.First, try = ByCode, user.FirstCodeTry
	} else {
		passing.passed(a.Challenge)
	}
	check := func(tx *store.Tx) error {
		wrong, err := m.compareCode(tx, a, w, attempt, given)
		if err != nil {
			return err
		}
		if err := m.judge(tx, a.Request, w, try, wrong); err != nil {
			return err
		}
		if err := m.verifyContact(tx, a.Request, w, attempt, contactOf(a.Challenge)); err != nil {
			return err
		}
		return tx.DeleteCode(a.Pool, w.user.ID, user.SignInCode)
	}
	if w.user == nil {
		return nil, m.settle(ctx, check) // always wrong
	}
	return m.advance(ctx, a.Request, w, &passing, check)
}

// compareCode returns what is wrong with a code, nil when it is the one that was sent.
func (m *Machine) compareCode(tx *store.Tx, a Answer, w *person, attempt *Attempt, given string) (wrong, err error) {
	code, err := tx.Code(a.Pool, w.codeOwner(), user.SignInCode)
	if err != nil {
		return nil, err
	}
	right := code != nil && m.Now().Before(code.Expires) && code.Attribute == contactOf(a.Challenge) &&
		credential.CodeMatches(a.Pool.CodeKey(), code.Hash, given, a.Pool.ID, w.codeOwner(), attempt.ID)
	if !right || w.user == nil {
		return errWrongCode, nil
	}
	return nil, nil
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

// verifyContact marks the address that a right code went to as verified: the user has shown control of it. An address that was being set
// up becomes the user's own, and a second factor. An alias that is somebody else's stays unverified, and is no reason not to sign in.
func (m *Machine) verifyContact(tx *store.Tx, r Request, w *person, a *Attempt, contact string) error {
	u, err := tx.UserByID(r.Pool, w.user.ID)
	if err != nil {
		return err
	}
	if a.Email != "" {
		u.Attributes.Set(pool.Email, a.Email)
		u.Factors.UsesEmail = true
	} else if u.Attributes.Verified(contact) {
		return nil
	}
	code, err := tx.Code(r.Pool, u.ID, user.SignInCode)
	if err != nil {
		return err
	}
	if !u.Verify(contact, code.Value, m.Now()) {
		return nil
	}
	err = tx.SaveUser(r.Pool, u)
	var taken *store.NameTaken
	if errors.As(err, &taken) && a.Email == "" {
		return nil
	}
	if err == nil {
		w.user = u
	}
	return aliasExists(err)
}
