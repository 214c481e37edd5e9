package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/wire"
)

// AdminSetUserPassword gives a user a password, in whatever state the user is. A permanent one confirms the user; any other is
// temporary and has to be changed at the next sign-in.
func (s *Service) AdminSetUserPassword(ctx context.Context, in *wire.AdminSetUserPasswordInput) (*wire.AdminSetUserPasswordOutput, error) {
	p, err := s.Store.Pool(ctx, in.UserPoolId)
	if err != nil {
		return nil, err
	}
	var u *user.User
	err = s.Store.View(ctx, func(tx *store.Tx) (err error) {
		u, err = tx.UserByName(p, in.Username)
		return err
	})
	if err != nil {
		return nil, err
	}
	if in.Password == "" {
		return nil, fault.New(fault.InvalidParameter, "Password is required.")
	}
	if err := p.PasswordPolicy().Check(pool.NewPassword, in.Password); err != nil {
		return nil, err
	}
	permanent := wire.Value(in.Permanent, false)
	if permanent {
		if err := u.CheckHistory(p, in.Password); err != nil {
			return nil, err
		}
	}
	kept := user.NewPassword(p, u.Username, in.Password)
	err = s.Store.Update(ctx, func(tx *store.Tx) error {
		u, err := tx.UserByID(p, u.ID)
		if err != nil {
			return err
		}
		if permanent {
			u.SetPassword(p, kept, s.Now())
		} else {
			u.SetTemporaryPassword(p, kept, s.Now())
		}
		return tx.SaveUser(p, u)
	})
	if err != nil {
		return nil, err
	}
	return &wire.AdminSetUserPasswordOutput{}, nil
}
