package signin

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/store"
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
		return nil, fault.New(fault.InvalidParameter, "The MFA type cannot be chosen.")
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

// listText returns the names as the JSON text of an array.
func listText(names []string) string {
	text, _ := json.Marshal(names) //nolint:errchkjson // strings encode
	return string(text)
}
