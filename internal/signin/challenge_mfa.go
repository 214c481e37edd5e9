package signin

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/cenote-id/cenote/internal/fault"
)

// poseSelectMFA lets the user choose one of several second factors. The list is JSON text, as clients expect.
func (m *Machine) poseSelectMFA(r Request, w *person, a *Attempt) (*Outcome, error) {
	next := m.pending(r.Client, a, SelectMFAType)
	for _, f := range w.user.ActiveFactors(r.Pool) {
		next.Choices = append(next.Choices, string(f))
	}
	return m.ask(r, next, map[string]string{"MFAS_CAN_CHOOSE": listText(next.Choices), "USER_ID_FOR_SRP": w.shown()})
}

// checkSelectMFA goes on with the factor that the user chose.
func (m *Machine) checkSelectMFA(ctx context.Context, r Request, w *person, a *Attempt, with map[string]string) (*Outcome, error) {
	choice, err := required(with, "ANSWER")
	if err != nil {
		return nil, err
	}
	if choice == "EMAIL_MFA" { // the documentation's name for it
		choice = string(EmailOTP)
	}
	if !slices.Contains(a.Choices, choice) {
		return nil, fault.New(fault.InvalidParameter, "The MFA type cannot be chosen.")
	}
	if err := m.spend(ctx, r, a); err != nil {
		return nil, err
	}
	return m.choose(ctx, r, w, a, Challenge(choice), with)
}

// listText returns the names as the JSON text of an array.
func listText(names []string) string {
	text, _ := json.Marshal(names) //nolint:errchkjson // strings encode
	return string(text)
}
