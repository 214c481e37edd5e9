package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/audit"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/trigger"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/wire"
)

// ConfirmForgotPassword sets a new password with the code of ForgotPassword or AdminResetUserPassword. A password that is refused
// does not use up the code.
func (s *Service) ConfirmForgotPassword(ctx context.Context, in *wire.ConfirmForgotPasswordInput) (*wire.ConfirmForgotPasswordOutput, error) {
	p, c, err := s.Store.Client(ctx, in.ClientId)
	if err != nil {
		return nil, err
	}
	if err := c.CheckSecretHash(in.Username, in.SecretHash); err != nil {
		return nil, err
	}
	ctx = audit.ByClient(ctx, c, in.UserContextData)
	if err := p.PasswordPolicy().Check(pool.NewPassword, in.Password); err != nil {
		return nil, err
	}
	if err := s.Audit.CheckNew(ctx, p, c, audit.AtPasswordChange, in.Password); err != nil {
		return nil, err
	}
	u, subject, err := s.findUser(ctx, p, in.Username)
	if err != nil {
		return nil, err
	}
	if u == nil && !c.HidesUsers() {
		return nil, errNoCombination
	}
	if err := s.countAttempt(ctx, p.ID, subject, user.ConfirmRecovery); err != nil {
		return nil, err
	}
	code, err := s.recoveryCode(ctx, p, c, u, subject)
	if err != nil {
		return nil, err
	}
	if err := s.checkCode(p, u, code, in.ConfirmationCode); err != nil {
		s.Audit.Record(ctx, p, c, u, user.ForgotPasswordEvent, user.EventFail)
		return nil, err
	}
	if err := u.CheckHistory(p, in.Password); err != nil {
		return nil, err
	}
	kept := user.NewPassword(p, u.Username, in.Password)
	err = s.Store.Update(ctx, func(tx *store.Tx) error {
		now, err := tx.UserByID(p, u.ID)
		if err != nil {
			return err
		}
		u = now
		code, err := tx.Code(p, u.ID, user.RecoveryCode)
		if err != nil {
			return err
		}
		if err := s.checkCode(p, u, code, in.ConfirmationCode); err != nil {
			return err // used by another request since
		}
		if u.Attributes[code.Attribute] != code.Value || !u.Attributes.Verified(code.Attribute) {
			return user.ExpiredCode() // the user has left the address since, or lost it to another user: whoever reads it owns nothing here
		}
		u.SetPassword(p, kept, s.Now())
		for _, a := range []user.Action{user.ConfirmRecovery, user.SignInFailure} {
			if err := tx.DeleteCounter(p.ID, subject, a); err != nil {
				return err
			}
		}
		if err := tx.DeleteCode(p, u.ID, user.RecoveryCode); err != nil {
			return err
		}
		return tx.SaveUser(p, u)
	})
	if err != nil {
		return nil, err
	}
	s.Audit.Record(ctx, p, c, u, user.ForgotPasswordEvent, user.EventPass)
	if err := s.postConfirmation(ctx, p, c, u, trigger.PostConfirmationConfirmForgotPassword, in.ClientMetadata); err != nil {
		return nil, err
	}
	return &wire.ConfirmForgotPasswordOutput{}, nil
}

// recoveryCode returns the user's outstanding code. Where the client hides who exists, a name that nobody has (or that cannot be
// recovered) is answered as a wrong code after a ForgotPassword and as an expired one without: as a user is.
func (s *Service) recoveryCode(ctx context.Context, p *pool.Pool, c *pool.Client, u *user.User, subject string) (*user.Code, error) {
	var code *user.Code
	var requests user.Counter
	err := s.Store.View(ctx, func(tx *store.Tx) (err error) {
		if u != nil {
			if code, err = tx.Code(p, u.ID, user.RecoveryCode); err != nil {
				return err
			}
		}
		requests, err = tx.Counter(p.ID, subject, user.ForgotPassword)
		return err
	})
	if err != nil {
		return nil, err
	}
	if u != nil && u.Enabled && code != nil {
		return code, nil
	}
	if u != nil && !u.Enabled && !c.HidesUsers() {
		return nil, user.IsDisabled()
	}
	if c.HidesUsers() && !requests.Last.IsZero() && s.Now().Before(requests.Last.Add(user.RecoveryCode.Life())) {
		return nil, user.WrongCode()
	}
	return nil, user.ExpiredCode()
}
