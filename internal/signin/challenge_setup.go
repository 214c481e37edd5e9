package signin

import (
	"context"
	"errors"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/user"
)

// poseSetup asks a user who needs a second factor and has none to set one up.
func (m *Machine) poseSetup(r Request, w *person, a *Attempt) (*Outcome, error) {
	next := m.pending(r.Client, a, MFASetup)
	return m.ask(r, next, map[string]string{"MFAS_CAN_SETUP": listText(offeredFactors(r.Pool)), "USER_ID_FOR_SRP": w.shown()})
}

// offeredFactors returns the second factors that the pool's users can set up.
func offeredFactors(p *pool.Pool) []string {
	offered := []string{}
	for _, f := range []pool.Factor{pool.SMSMFA, pool.TOTP, pool.EmailOTP} {
		if p.OffersMFA(f) {
			offered = append(offered, string(f))
		}
	}
	return offered
}

// checkNoFactor refuses to set up a factor for a user who has got one since the challenge was posed: whoever still holds the session
// knows no more than the first factor, and must not replace it.
func checkNoFactor(p *pool.Pool, u *user.User) error {
	if len(u.ActiveFactors(p)) > 0 {
		return errInvalidSession
	}
	return nil
}

// AssociateToken hands out the secret of a new software token to a user who has to set up a second factor. The session is exchanged for
// one that knows the secret; the user has nothing new before its first code is right.
func (m *Machine) AssociateToken(ctx context.Context, session string) (secret, next string, err error) {
	r, a, err := m.settingUp(ctx, session)
	if err != nil {
		return "", "", err
	}
	if err := m.spend(ctx, r, a); err != nil {
		return "", "", err
	}
	waits := m.pending(r.Client, a, MFASetup)
	waits.Secret = user.NewTOTPSecret()
	next, err = m.seal(r.Pool, r.Client, waits)
	return waits.Secret, next, err
}

// VerifyToken puts the software token of the session in force when the code is its first; the name is what its owner calls it. The
// session is exchanged for one that passes MFA_SETUP. A wrong code leaves the session usable.
func (m *Machine) VerifyToken(ctx context.Context, session, code, name string) (next string, err error) {
	r, a, err := m.settingUp(ctx, session)
	if err != nil {
		return "", err
	}
	err = m.Store.Update(ctx, func(tx *store.Tx) error {
		u, err := a.reread(tx, r.Pool)
		if err != nil {
			return err
		}
		if err := m.consume(tx, r, a.ID); err != nil {
			return err
		}
		if err := checkNoFactor(r.Pool, u); err != nil {
			return err
		}
		if err := u.AdoptTOTP(a.Secret, code, name, m.Now()); err != nil {
			return err
		}
		u.Factors.UsesTOTP = true
		return tx.SaveUser(r.Pool, u)
	})
	if err != nil {
		return "", err
	}
	done := m.pending(r.Client, a, MFASetup)
	done.SetUp = true
	return m.seal(r.Pool, r.Client, done)
}

// settingUp opens the session of a user who is setting up a software token. The operations that take it name neither user nor client.
func (m *Machine) settingUp(ctx context.Context, session string) (Request, *Attempt, error) {
	r, a, err := m.openAlone(ctx, session)
	if err != nil {
		return r, nil, err
	}
	if a.Challenge != MFASetup || a.SetUp {
		return r, nil, errInvalidSession
	}
	if err := user.CheckOffersTOTP(r.Pool); err != nil {
		return r, nil, err
	}
	w, err := m.reload(ctx, r, a)
	if err == nil {
		err = m.admit(ctx, r, w, a)
	}
	if err != nil {
		return r, nil, overSession(err)
	}
	if err := a.checkGround(w.user); err != nil {
		return r, nil, err
	}
	return r, a, checkNoFactor(r.Pool, w.user)
}

// overSession words what stops a user where only a session was sent: no name and no password can be wrong, and the operations on software
// tokens declare no state of a user.
func overSession(err error) error {
	gone := errors.Is(err, errWrongPassword) || fault.Is(err, fault.UserNotFound)
	if gone || fault.Is(err, fault.PasswordResetRequired) || fault.Is(err, fault.UserNotConfirmed) {
		return errInvalidSession
	}
	return err
}

// checkSetup ends the set-up of a second factor: of a software token with the session that VerifySoftwareToken answered, or of an
// e-mail address, which gets a code and becomes the user's own when the code comes back. The pages set up a phone number in the same way, as the
// service's do; by the API it is set up beforehand (documented). Other responses are ignored (observed).
func (m *Machine) checkSetup(ctx context.Context, r Request, w *person, a *Attempt, with map[string]string) (*Outcome, error) {
	if a.SetUp {
		if w.user.Factors.TOTP == nil {
			return nil, errInvalidSession // an administrator took it away again
		}
		passing := *a
		passing.passed(MFASetup)
		return m.advance(ctx, r, w, &passing, nil)
	}
	email, phone := with["EMAIL"], with["PHONE_NUMBER"]
	if phone != "" && r.By == ByPage {
		return m.enrolPhone(ctx, r, w, a, phone)
	}
	switch own := w.user.Attributes[pool.Email]; {
	case email == "":
		return nil, fault.New(fault.InvalidParameter, "The MFA setup has not been completed.")
	case !r.Pool.OffersMFA(pool.EmailOTP):
		return nil, fault.New(fault.InvalidParameter, "E-mail MFA is not enabled for the user pool.")
	case !user.IsEmail(email):
		return nil, fault.New(fault.InvalidParameter, "Invalid email address format.")
	case own != "" && own != email:
		return nil, fault.New(fault.NotAuthorized, "Cannot modify an already provided email")
	}
	return m.enrol(ctx, r, w, a, EmailOTP, email)
}

// enrolPhone begins the set-up of codes by text message.
func (m *Machine) enrolPhone(ctx context.Context, r Request, w *person, a *Attempt, phone string) (*Outcome, error) {
	switch own := w.user.Attributes[pool.Phone]; {
	case !r.Pool.OffersMFA(pool.SMSMFA):
		return nil, fault.New(fault.InvalidParameter, "SMS MFA is not enabled for the user pool.")
	case !user.IsPhone(phone):
		return nil, fault.New(fault.InvalidParameter, "Invalid phone number format.")
	case own != "" && own != phone:
		return nil, fault.New(fault.NotAuthorized, "Cannot modify an already provided phone number")
	}
	return m.enrol(ctx, r, w, a, SMSMFA, phone)
}

// enrol sends a code to a contact that becomes the user's own, and a second factor, when the code comes back.
func (m *Machine) enrol(ctx context.Context, r Request, w *person, a *Attempt, factor Challenge, contact string) (*Outcome, error) {
	if err := checkNoFactor(r.Pool, w.user); err != nil {
		return nil, err
	}
	chosen := *a
	chosen.Enrols = contact
	return m.choose(ctx, r, w, &chosen, factor, nil)
}
