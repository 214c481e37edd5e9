package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/wire"
)

// VerifyUserAttribute verifies an e-mail address or a phone number of the signed-in user with the code that was sent to it. A new
// value that waited for this takes effect.
func (s *Service) VerifyUserAttribute(ctx context.Context, in *wire.VerifyUserAttributeInput) (*wire.VerifyUserAttributeOutput, error) {
	by, err := s.caller(ctx, in.AccessToken)
	if err != nil {
		return nil, err
	}
	if err := checkContact(in.AttributeName); err != nil {
		return nil, err
	}
	subject, purpose := user.Subject(by.User.ID), user.VerifyCode(in.AttributeName)
	if err := s.countAttempt(ctx, by.Pool.ID, subject, user.CheckAttributeCode); err != nil {
		return nil, err
	}
	err = s.Store.Update(ctx, func(tx *store.Tx) error {
		u, err := by.Reread(tx)
		if err != nil {
			return err
		}
		code, err := tx.Code(by.Pool, u.ID, purpose)
		if err != nil {
			return err
		}
		if err := s.checkCode(by.Pool, u, code, in.Code); err != nil {
			return err
		}
		if !u.Verify(in.AttributeName, code.Value, s.Now()) {
			return user.ExpiredCode() // the address has changed since: this code proves nothing about it
		}
		if err := tx.DeleteCounter(by.Pool.ID, subject, user.CheckAttributeCode); err != nil {
			return err
		}
		if err := tx.DeleteCode(by.Pool, u.ID, purpose); err != nil {
			return err
		}
		return saveWithAliases(tx, by.Pool, u, false)
	})
	if err != nil {
		return nil, err
	}
	return &wire.VerifyUserAttributeOutput{}, nil
}
