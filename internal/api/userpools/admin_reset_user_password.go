package userpools

import (
	"context"
	"errors"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/message"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/wire"
)

// AdminResetUserPassword makes a user choose a new password: the old one no longer works, and a code to set a new one is sent.
func (s *Service) AdminResetUserPassword(ctx context.Context, in *wire.AdminResetUserPasswordInput) (*wire.AdminResetUserPasswordOutput, error) {
	p, err := s.Store.Pool(ctx, in.UserPoolId)
	if err != nil {
		return nil, err
	}
	var x parcel
	var before user.Status
	err = s.Store.Update(ctx, func(tx *store.Tx) error {
		u, err := tx.UserByName(p, in.Username)
		if err != nil {
			return err
		}
		contact, err := recoverable(p, u)
		if err != nil {
			return err
		}
		if u.Status == user.Unconfirmed {
			return fault.New(fault.NotAuthorized, "User password cannot be reset in the current state.")
		}
		x = s.newParcel(p, nil, u, message.ForgotPassword, user.RecoveryCode, contact, u.Attributes[contact])
		x.metadata = in.ClientMetadata
		before = u.Status
		u.RequireReset(s.Now())
		if err := tx.SaveCode(p, u.ID, x.code); err != nil {
			return err
		}
		return tx.SaveUser(p, u)
	})
	if err != nil {
		return nil, err
	}
	if err := s.send(ctx, x); err != nil {
		// The operation declares no delivery failure, so it is told as a parameter that cannot be used; and the user, who has no
		// code, keeps the old password.
		if fault.Is(err, fault.CodeDeliveryFailure) {
			err = fault.New(fault.InvalidParameter, "Unable to deliver the message to the user.").Because(err)
		}
		return nil, errors.Join(err, s.undoReset(ctx, x, before))
	}
	return &wire.AdminResetUserPasswordOutput{}, nil
}

// undoReset gives a user back the status before a reset whose code could not be delivered.
func (s *Service) undoReset(ctx context.Context, x parcel, before user.Status) error {
	return s.Store.Update(context.WithoutCancel(ctx), func(tx *store.Tx) error {
		u, err := tx.UserByID(x.pool, x.user.ID)
		if err != nil || u.Status != user.ResetRequired {
			return err
		}
		u.Status = before
		if err := tx.DeleteCode(x.pool, u.ID, user.RecoveryCode); err != nil {
			return err
		}
		return tx.SaveUser(x.pool, u)
	})
}
