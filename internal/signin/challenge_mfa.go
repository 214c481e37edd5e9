package signin

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/user"
)

// poseSelectMFA lets the user choose one of several second factors. The list is JSON text, as clients expect.
func (m *Machine) poseSelectMFA(r Request, w *person, a *Attempt) (*Outcome, error) {
	next := m.pending(r.Client, a, SelectMFAType)
	for _, f := range w.user.ActiveFactors(r.Pool) {
		next.Choices = append(next.Choices, string(f))
	}
	return m.ask(r, next, map[string]string{"MFAS_CAN_CHOOSE": listText(next.Choices), "USER_ID_FOR_SRP": w.shownName})
}

// answerSelectMFA poses the factor that the user chose.
func (m *Machine) answerSelectMFA(ctx context.Context, a Answer, attempt *Attempt) (*Outcome, error) {
	choice, err := required(a.Responses, "ANSWER")
	if err != nil {
		return nil, err
	}
	if choice == "EMAIL_MFA" { // the documentation's name for it
		choice = string(EmailOTP)
	}
	if !slices.Contains(attempt.Choices, choice) {
		return nil, fault.Newf(fault.InvalidParameter, "The MFA type %s cannot be chosen.", choice)
	}
	w, err := m.resume(ctx, a, attempt)
	if err != nil {
		return nil, err
	}
	if err := m.spend(ctx, a.Request, attempt); err != nil {
		return nil, err
	}
	if Challenge(choice) == SoftwareTokenMFA {
		return m.poseTOTP(a.Request, w, attempt)
	}
	return m.poseCode(ctx, a.Request, w, attempt, Challenge(choice))
}

// spend consumes an attempt whose answer was a choice: nothing was proved by it.
func (m *Machine) spend(ctx context.Context, r Request, a *Attempt) error {
	return m.Store.Update(ctx, func(tx *store.Tx) error { return m.consume(tx, r, a.ID) })
}

// poseSetup asks a user who needs a second factor and has none to set one up.
func (m *Machine) poseSetup(r Request, w *person, a *Attempt) (*Outcome, error) {
	next := m.pending(r.Client, a, MFASetup)
	return m.ask(r, next, map[string]string{"MFAS_CAN_SETUP": listText(offeredFactors(r.Pool)), "USER_ID_FOR_SRP": w.shownName})
}

// offeredFactors returns the second factors that the pool's users can set up.
func offeredFactors(p *pool.Pool) []string {
	offered := []string{}
	for _, f := range []user.Factor{user.SMSFactor, user.TOTPFactor, user.EmailFactor} {
		if p.OffersMFA(string(f)) {
			offered = append(offered, string(f))
		}
	}
	return offered
}

// answerSetup ends the set-up of a second factor: of a software token with the session that VerifySoftwareToken answered, or of an
// e-mail address, which then gets a code. Other responses are ignored (observed).
func (m *Machine) answerSetup(ctx context.Context, a Answer, attempt *Attempt) (*Outcome, error) {
	w, err := m.resume(ctx, a, attempt)
	if err != nil {
		return nil, err
	}
	email := a.Responses["EMAIL"]
	switch {
	case attempt.SetUp:
		attempt.passed(MFASetup)
		return m.advance(ctx, a.Request, w, attempt, nil)
	case email == "":
		return nil, fault.New(fault.InvalidParameter, "The MFA setup has not been completed.")
	case !a.Pool.OffersMFA(string(EmailOTP)):
		return nil, fault.New(fault.InvalidParameter, "E-mail MFA is not enabled for the user pool.")
	case !user.IsEmail(email):
		return nil, fault.New(fault.InvalidParameter, "Invalid email address format.")
	case w.user.Attributes["email"] != "" && w.user.Attributes["email"] != email:
		return nil, fault.New(fault.NotAuthorized, "Cannot modify an already provided email")
	}
	err = m.Store.Update(ctx, func(tx *store.Tx) error {
		if err := m.consume(tx, a.Request, attempt.ID); err != nil {
			return err
		}
		u, err := tx.UserByID(a.Pool, attempt.UserID)
		if err != nil {
			return err
		}
		if u.Attributes["email"] == "" {
			u.Change(a.Pool, map[string]string{"email": email}, m.Now())
		}
		u.Factors.UsesEmail = true
		w.user = u
		return aliasExists(tx.SaveUser(a.Pool, u))
	})
	if err != nil {
		return nil, err
	}
	return m.poseCode(ctx, a.Request, w, attempt, EmailOTP)
}

// listText returns the names as the JSON text of an array.
func listText(names []string) string {
	text, _ := json.Marshal(names) //nolint:errchkjson // strings encode
	return string(text)
}
