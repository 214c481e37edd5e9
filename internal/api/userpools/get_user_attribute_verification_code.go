package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/message"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/wire"
)

// GetUserAttributeVerificationCode sends the signed-in user a code that verifies an e-mail address or a phone number: the new one,
// when one waits to be verified.
func (s *Service) GetUserAttributeVerificationCode(
	ctx context.Context, in *wire.GetUserAttributeVerificationCodeInput,
) (*wire.GetUserAttributeVerificationCodeOutput, error) {
	by, err := s.caller(ctx, in.AccessToken)
	if err != nil {
		return nil, err
	}
	if err := checkContact(in.AttributeName); err != nil {
		return nil, err
	}
	u := by.User
	value := u.Pending[in.AttributeName]
	if value == "" {
		value = u.Attributes[in.AttributeName]
	}
	if value == "" {
		return nil, fault.Newf(fault.InvalidParameter, "User does not have a value for the attribute %s.", in.AttributeName)
	}
	if err := s.countAttempt(ctx, by.Pool.ID, user.Subject(u.ID), user.SendAttributeCode); err != nil {
		return nil, err
	}
	x := s.newParcel(by.Pool, by.Client, u, message.VerifyAttribute, user.VerifyCode(in.AttributeName), in.AttributeName, value)
	x.metadata = in.ClientMetadata
	err = s.Store.Update(ctx, func(tx *store.Tx) error {
		if _, err := by.Reread(tx); err != nil {
			return err
		}
		return tx.SaveCode(by.Pool, u.ID, x.code)
	})
	if err != nil {
		return nil, err
	}
	if err := s.send(ctx, x); err != nil {
		return nil, err
	}
	return &wire.GetUserAttributeVerificationCodeOutput{CodeDeliveryDetails: x.details()}, nil
}
