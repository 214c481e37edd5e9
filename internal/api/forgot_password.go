package api

import (
	"context"

	"github.com/cenote-id/cenote/internal/message"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/wire"
)

// ForgotPassword sends a code with which a user can choose a new password. The old one works until then.
func (s *Service) ForgotPassword(ctx context.Context, in *wire.ForgotPasswordInput) (*wire.ForgotPasswordOutput, error) {
	p, c, err := s.Store.Client(ctx, in.ClientId)
	if err != nil {
		return nil, err
	}
	if err := c.CheckSecretHash(in.Username, in.SecretHash); err != nil {
		return nil, err
	}
	u, subject, err := s.findUser(ctx, p, in.Username)
	if err != nil {
		return nil, err
	}
	if u == nil && !c.HidesUsers() {
		return nil, errNoCombination
	}
	if err := s.countAttempt(ctx, p.ID, subject, user.ForgotPassword); err != nil {
		return nil, err
	}
	contact, err := recoverable(p, u)
	if err != nil {
		if !c.HidesUsers() {
			return nil, err
		}
		details, err := s.pretend(ctx, p, subject, in.Username)
		return &wire.ForgotPasswordOutput{CodeDeliveryDetails: details}, err
	}
	x := s.newParcel(p, c, u, message.ForgotPassword, user.RecoveryCode, contact, u.Attributes[contact])
	err = s.Store.Update(ctx, func(tx *store.Tx) error { return tx.SaveCode(p, u.ID, x.code) })
	if err != nil {
		return nil, err
	}
	if err := s.sendHiding(ctx, x); err != nil {
		return nil, err
	}
	return &wire.ForgotPasswordOutput{CodeDeliveryDetails: x.details()}, nil
}

// recoverable returns the contact to which the user's recovery code goes, or why there is no recovery. A nil user has none.
func recoverable(p *pool.Pool, u *user.User) (contact string, err error) {
	if u == nil {
		return "", errNoCombination
	}
	if !u.Enabled {
		return "", user.IsDisabled()
	}
	if err := u.CheckResettable(); err != nil {
		return "", err
	}
	return recoveryContact(p, u)
}
