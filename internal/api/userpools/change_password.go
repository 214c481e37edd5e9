package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/audit"
	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/wire"
)

// ChangePassword changes the password of the signed-in user, who has to know the present one. A user without a password sets the
// first one. Tokens stay valid.
func (s *Service) ChangePassword(ctx context.Context, in *wire.ChangePasswordInput) (*wire.ChangePasswordOutput, error) {
	by, err := s.caller(ctx, in.AccessToken)
	if err != nil {
		return nil, err
	}
	var u *user.User // with the password
	if err := s.Store.Read(ctx, func(tx *store.Tx) (err error) { u, err = by.Reread(tx); return err }); err != nil {
		return nil, err
	}
	if err := u.CheckOwnsPassword(); err != nil {
		return nil, err
	}
	if u.Password != nil {
		if in.PreviousPassword == "" {
			return nil, fault.New(fault.InvalidParameter, "Missing required parameter PreviousPassword")
		}
		if err := s.countAttempt(ctx, by.Pool.ID, user.Subject(u.ID), user.ChangePassword); err != nil {
			return nil, err
		}
		if !u.PasswordMatches(by.Pool, in.PreviousPassword) {
			s.Audit.Record(ctx, by.Pool, by.Client, u, user.PasswordChangeEvent, user.EventFail)
			return nil, fault.New(fault.NotAuthorized, "Incorrect username or password.")
		}
	}
	if err := by.Pool.PasswordPolicy().Check(pool.NewPassword, in.ProposedPassword); err != nil {
		return nil, err
	}
	if err := s.Audit.CheckNew(by.Pool, by.Client, audit.AtPasswordChange, in.ProposedPassword); err != nil {
		return nil, err
	}
	if err := u.CheckHistory(by.Pool, in.ProposedPassword); err != nil {
		return nil, err
	}
	kept := user.NewPassword(by.Pool, u.Username, in.ProposedPassword)
	err = s.Store.Update(ctx, func(tx *store.Tx) error {
		now, err := by.Reread(tx)
		if err != nil {
			return err
		}
		if !now.SamePassword(u) {
			return fault.New(fault.NotAuthorized, "Incorrect username or password.")
		}
		if err := now.CheckOwnsPassword(); err != nil {
			return err
		}
		now.KeepPassword(by.Pool, kept, s.Now())
		if err := tx.DeleteCounter(by.Pool.ID, user.Subject(u.ID), user.ChangePassword); err != nil {
			return err
		}
		return tx.SaveUser(by.Pool, now)
	})
	if err != nil {
		return nil, err
	}
	s.Audit.Record(ctx, by.Pool, by.Client, u, user.PasswordChangeEvent, user.EventPass)
	return &wire.ChangePasswordOutput{}, nil
}
