package signin

import (
	"context"
	"slices"

	"github.com/cenote-id/cenote/internal/audit"
	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/user"
)

// This file is where sign-ins meet threat protection (package audit). In pools without it, every function here returns at once.

// caseOf is the sign-in as threat protection looks at it.
func caseOf(r Request, w *person, a *Attempt) audit.Case {
	return audit.Case{Pool: r.Pool, Client: r.Client, User: w.known(), Custom: a.Custom != nil || a.First == ByTriggers}
}

// checkCompromised looks whether a password that is right is one that everybody knows. Its owner has to choose another one then, by the
// code of a reset.
func (m *Machine) checkCompromised(ctx context.Context, r Request, w *person, a *Attempt, password string) error {
	if !m.Risk.Watches(caseOf(r, w, a)) || w.user.Status != user.Confirmed { // a temporary password has to be changed anyway
		return nil
	}
	trail, refused, err := m.Risk.CheckSignIn(ctx, caseOf(r, w, a), a.Trail, password)
	a.Trail = trail
	if err != nil || !refused {
		return err
	}
	err = m.Store.Update(ctx, func(tx *store.Tx) error {
		u, err := tx.UserByID(r.Pool, w.user.ID)
		if err != nil || !u.SamePassword(w.user) {
			return err // it was changed since
		}
		u.RequireReset(m.Now())
		return tx.SaveUser(r.Pool, u)
	})
	if err != nil {
		return err
	}
	return fault.New(fault.PasswordResetRequired, "Password reset required for user due to security reasons")
}

// assess tells the risk of a sign-in whose first factor was passed, once, and refuses it where the operator wants that.
func (m *Machine) assess(ctx context.Context, r Request, w *person, a *Attempt) error {
	c := caseOf(r, w, a)
	if a.First == ByProvider {
		return nil // the provider watches its own sign-ins
	}
	if !m.Risk.Watches(c) {
		if c.Custom && r.Pool.ThreatMode() != pool.ThreatsOff {
			a.Trail = &audit.Trail{Judged: true} // it ends like any other, but must not be judged as one
		}
		return nil
	}
	trail, err := m.Risk.Judge(ctx, c, a.Trail, audit.Proof{KnownDevice: slices.Contains(a.Passed, DevicePasswordVerifier), Failures: w.failures})
	a.Trail = trail
	return err
}

// demand adds what the risk of the sign-in asks for. It can be asked of those only who gave a password: a one-time code or a passkey is
// followed by nothing.
func demand(f Facts, r Request, w *person, a *Attempt) Facts {
	if a.Trail == nil || !a.Trail.WantsFactor || a.First != ByPassword || len(f.Active) > 0 {
		return f
	}
	if ready := w.user.ReadyFactors(r.Pool); len(ready) > 0 {
		f.DemandedByRisk, f.Preferred = true, Challenge(ready[0])
	}
	return f
}

// record records how far a sign-in has come.
func (m *Machine) record(ctx context.Context, r Request, w *person, a *Attempt, result user.EventResult) {
	if a.Trail != nil {
		m.Risk.Note(ctx, caseOf(r, w, a), a.Trail, result, stepsOf(a))
	}
}

// recordWrong records the wrong answer to a challenge that follows the first factor, behind the steps that were passed before it.
func (m *Machine) recordWrong(ctx context.Context, r Request, a *Attempt, before []user.EventStep, err error) {
	if a.Trail != nil && fault.Is(err, fault.CodeMismatch) {
		c := audit.Case{Pool: r.Pool, Client: r.Client, User: &user.User{ID: a.UserID}}
		m.Risk.Note(ctx, c, a.Trail, user.EventFail, append(before, user.EventStep{Name: audit.FactorStep}))
	}
}

// stepsOf lists what has been passed, as events show it; nothing for a sign-in that is not watched.
func stepsOf(a *Attempt) []user.EventStep {
	if a.Trail == nil {
		return nil
	}
	var steps []user.EventStep
	if a.First == ByPassword {
		steps = append(steps, user.EventStep{Name: audit.PasswordStep, Success: true})
	}
	for _, c := range a.Passed {
		if c == SMSMFA || c == SoftwareTokenMFA || c == EmailOTP {
			steps = append(steps, user.EventStep{Name: audit.FactorStep, Success: true})
		}
	}
	return steps
}
