package api

import (
	"context"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/message"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/wire"
)

// ResendConfirmationCode sends a new sign-up code; the one before no longer works.
func (s *Service) ResendConfirmationCode(ctx context.Context, in *wire.ResendConfirmationCodeInput) (*wire.ResendConfirmationCodeOutput, error) {
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
	if len(p.Settings.AutoVerifiedAttributes) == 0 {
		return nil, errNoAutoVerification
	}
	if err := s.countAttempt(ctx, p.ID, subject, user.ResendCode); err != nil {
		return nil, err
	}
	contact := ""
	if u != nil && u.Status == user.Unconfirmed && u.Enabled {
		contact = signUpContact(p, u)
	}
	if contact == "" {
		if !c.HidesUsers() {
			return nil, refuseResend(u)
		}
		details, err := s.pretend(ctx, p, subject, in.Username)
		return &wire.ResendConfirmationCodeOutput{CodeDeliveryDetails: details}, err
	}
	x := s.newParcel(p, c, u, message.ResendCode, user.SignUpCode, contact, u.Attributes[contact])
	err = s.Store.Update(ctx, func(tx *store.Tx) error { return tx.SaveCode(p, u.ID, x.code) })
	if err != nil {
		return nil, err
	}
	if err := s.sendHiding(ctx, x); err != nil {
		return nil, err
	}
	return &wire.ResendConfirmationCodeOutput{CodeDeliveryDetails: x.details()}, nil
}

var errNoAutoVerification = fault.New(fault.NotAuthorized, "Cannot resend codes. Auto verification not turned on.")

// refuseResend says why a user gets no sign-up code.
func refuseResend(u *user.User) error {
	switch {
	case u.Status != user.Unconfirmed:
		return fault.New(fault.InvalidParameter, "User is already confirmed.")
	case !u.Enabled:
		return user.IsDisabled()
	}
	return errNoAutoVerification
}

// sendHiding delivers a code. Where the client hides who exists it delivers behind the answer, because the time a mail server takes
// and its refusals would tell that there is somebody to write to.
func (s *Service) sendHiding(ctx context.Context, x parcel) error {
	if !x.client.HidesUsers() {
		return s.send(ctx, x)
	}
	s.Later.Go(x.message(s.Tokens.PublicURL))
	return nil
}
