package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/audit"
	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/trigger"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/wire"
)

// ConfirmForgotPassword sets a new password with the code of ForgotPassword or AdminResetUserPassword. A password that is refused
// does not use up the code.
func (s *Service) ConfirmForgotPassword(ctx context.Context, in *wire.ConfirmForgotPasswordInput) (*wire.ConfirmForgotPasswordOutput, error) {
	ctx, p, c, err := s.publicClient(ctx, in.ClientId, in.Username, in.SecretHash, in.UserContextData)
	if err != nil {
		return nil, err
	}
	if err := p.PasswordPolicy().Check(pool.NewPassword, in.Password); err != nil {
		return nil, err
	}
	if err := s.Audit.CheckNew(p, c, audit.AtPasswordChange, in.Password); err != nil {
		return nil, err
	}
	x, err := s.claimant(ctx, p, c, in.Username, user.ConfirmRecovery)
	if err != nil {
		return nil, err
	}
	u := x.user
	if err := s.checkRecovery(ctx, x, in.ConfirmationCode); err != nil {
		if fault.Is(err, fault.CodeMismatch) {
			s.Audit.Record(ctx, p, c, x.known(), user.ForgotPasswordEvent, user.EventFail)
		}
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
			if err := tx.DeleteCounter(p.ID, x.subject, a); err != nil {
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

// checkRecovery compares the code of a recovery. Where the client hides who exists, what is told of a wrong one depends on whether a code was
// asked for, and on nothing else: not on whether there is a user, nor on a code that an administrator had sent.
func (s *Service) checkRecovery(ctx context.Context, x *claimant, given string) error {
	var code *user.Code
	var requests user.Counter
	err := s.Store.View(ctx, func(tx *store.Tx) (err error) {
		if code, err = tx.Code(x.pool, x.user.ID, user.RecoveryCode); err != nil {
			return err
		}
		requests, err = tx.Counter(x.pool.ID, x.subject, user.ForgotPassword)
		return err
	})
	if err != nil {
		return err
	}
	refused := s.checkCode(x.pool, x.user, code, given)
	switch {
	case x.client.HidesUsers():
		if refused == nil && x.user.Enabled && !x.user.Phantom {
			return nil
		}
		if !requests.Last.IsZero() && s.Now().Before(requests.Last.Add(user.RecoveryCode.Life())) {
			return user.WrongCode()
		}
		return user.ExpiredCode()
	case !x.user.Enabled:
		return user.IsDisabled()
	}
	return refused
}
