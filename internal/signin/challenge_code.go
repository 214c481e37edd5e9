package signin

import (
	"context"

	"github.com/cenote-id/cenote/internal/credential"
	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/message"
	"github.com/cenote-id/cenote/internal/notify"
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

// contactOf returns the attribute that a challenge sends its code to.
func contactOf(c Challenge) string {
	if c == EmailOTP {
		return "email"
	}
	return "phone_number"
}

// answerOf returns the response that carries the code.
func answerOf(c Challenge) string {
	switch c {
	case EmailOTP:
		return "EMAIL_OTP_CODE"
	case SMSOTP:
		return "SMS_OTP_CODE"
	}
	return "SMS_MFA_CODE"
}

// poseCode sends a code and asks for it: as the first factor when nothing has been passed yet, else as the second. A new code voids
// the one before.
func (m *Machine) poseCode(ctx context.Context, r Request, w *person, a *Attempt, c Challenge) (*Outcome, error) {
	contact := contactOf(c)
	next := m.pending(r.Client, a, c)
	params := map[string]string{"CODE_DELIVERY_DELIVERY_MEDIUM": string(notify.MediumOf(contact))}
	if a.First != "" {
		params["USER_ID_FOR_SRP"] = w.shownName
	}
	if w.user == nil { // the same answer as for a user; nobody is told a code
		params["CODE_DELIVERY_DESTINATION"] = pretendDestination(r.Pool, contact, a.Typed)
		return m.ask(r, next, params)
	}
	value := w.user.Attributes[contact]
	if value == "" {
		return nil, fault.Newf(fault.InvalidParameter, "User does not have delivery config set to turn on %s", c)
	}
	digits := secondFactorDigits
	if a.First == "" {
		digits = firstFactorDigits
	}
	plain := credential.NewCode(digits)
	code := &user.Code{
		Purpose: user.SignInCode, Attribute: contact, Value: value,
		Hash:    credential.HashCode(r.Pool.CodeKey(), plain, r.Pool.ID, w.user.ID, next.ID),
		Expires: next.Expires,
	}
	if err := m.Store.Update(ctx, func(tx *store.Tx) error { return tx.SaveCode(r.Pool, w.user.ID, code) }); err != nil {
		return nil, err
	}
	note := notify.Note{
		Pool: r.Pool, Client: r.Client, User: w.user, Reason: message.Authentication,
		Contact: contact, To: value, Code: plain, Metadata: r.Metadata,
	}
	send := m.Notify.Send
	if a.First == "" {
		send = m.Notify.SendHiding
	}
	if err := send(ctx, note); err != nil {
		return nil, undelivered(err)
	}
	params["CODE_DELIVERY_DESTINATION"] = notify.Mask(contact, value)
	return m.ask(r, next, params)
}

// undelivered words a failed delivery for the operations of sign-in, which declare no delivery failure.
func undelivered(err error) error {
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
	if err := m.countCode(ctx, a.Request, w); err != nil {
		return nil, err
	}
	if w.user == nil {
		return nil, errWrongCode
	}
	contact := contactOf(a.Challenge)
	check := func(tx *store.Tx) error {
		code, err := tx.Code(a.Pool, w.user.ID, user.SignInCode)
		if err != nil {
			return err
		}
		if code == nil || !m.Now().Before(code.Expires) || code.Attribute != contact ||
			!credential.CodeMatches(a.Pool.CodeKey(), code.Hash, given, a.Pool.ID, w.user.ID, attempt.ID) {
			return errWrongCode
		}
		u, err := tx.UserByID(a.Pool, w.user.ID)
		if err != nil {
			return err
		}
		if !u.Attributes.Verified(contact) && u.Verify(contact, code.Value, m.Now()) { // the user has shown control of the address
			if err := tx.SaveUser(a.Pool, u); err != nil {
				return aliasExists(err)
			}
			w.user = u
		}
		if err := tx.DeleteCounter(a.Pool.ID, w.subject, user.SignInCodeTry); err != nil {
			return err
		}
		return tx.DeleteCode(a.Pool, w.user.ID, user.SignInCode)
	}
	if attempt.First == "" {
		attempt.First = ByCode
	} else {
		attempt.passed(a.Challenge)
	}
	return m.advance(ctx, a.Request, w, attempt, check)
}

// countCode counts a try of a one-time code. The count is ours: the service has been seen to take six wrong codes in a row, but codes
// of six digits must not be tried out.
func (m *Machine) countCode(ctx context.Context, r Request, w *person) error {
	return m.Store.Update(ctx, func(tx *store.Tx) error {
		n, err := tx.Counter(r.Pool.ID, w.subject, user.SignInCodeTry)
		if err != nil {
			return err
		}
		if !n.Allowed(user.SignInCodeTry, m.Now()) {
			return errTooManyCodes
		}
		return tx.SaveCounter(r.Pool.ID, w.subject, user.SignInCodeTry, n.Add(m.Now()))
	})
}

var errTooManyCodes = fault.New(fault.NotAuthorized, "Attempt limit exceeded, please try after some time.")
