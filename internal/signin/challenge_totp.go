package signin

import (
	"context"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/user"
)

// errNoTOTP is the answer for a software token that the user does not have (observed).
var errNoTOTP = fault.New(fault.SoftwareTokenMFANotFound, "Software Token MFA does not exist for the user.")

// poseTOTP asks for the code of the user's software token.
func (m *Machine) poseTOTP(r Request, w *person, a *Attempt) (*Outcome, error) {
	params := map[string]string{"USER_ID_FOR_SRP": w.shown()}
	if t := w.user.Factors.TOTP; t != nil && t.Name != "" {
		params["FRIENDLY_DEVICE_NAME"] = t.Name
	}
	return m.ask(r, m.pending(r.Client, a, SoftwareTokenMFA), params)
}

// checkTOTP checks the code of a software token. A code counts once: its time step is used up by success.
func (m *Machine) checkTOTP(ctx context.Context, r Request, w *person, a *Attempt, with map[string]string) (*Outcome, error) {
	code, err := required(with, "SOFTWARE_TOKEN_MFA_CODE")
	if err != nil {
		return nil, err
	}
	if a.blind() {
		return nil, errWrongCode
	}
	passing := *a
	passing.passed(SoftwareTokenMFA)
	return m.advance(ctx, r, w, &passing, func(tx *store.Tx) error {
		u, err := a.reread(tx, r.Pool)
		if err != nil {
			return err
		}
		if u.Factors.TOTP == nil {
			return errNoTOTP
		}
		if err := m.judge(tx, r, w, user.SignInCodeTry, u.UseTOTP(code, m.Now())); err != nil {
			return err
		}
		w.user = u
		return tx.SaveUser(r.Pool, u)
	})
}
