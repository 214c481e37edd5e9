package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/message"
	"github.com/cenote-id/cenote/internal/notify"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/wire"
)

// ResendConfirmationCode sends a new sign-up code; the one before no longer works.
func (s *Service) ResendConfirmationCode(ctx context.Context, in *wire.ResendConfirmationCodeInput) (*wire.ResendConfirmationCodeOutput, error) {
	ctx, p, c, err := s.publicClient(ctx, in.ClientId, in.Username, in.SecretHash, in.UserContextData)
	if err != nil {
		return nil, err
	}
	if len(p.Settings.AutoVerifiedAttributes) == 0 {
		return nil, errNoAutoVerification
	}
	who, err := s.claimant(ctx, p, c, in.Username, user.ResendCode)
	if err != nil {
		return nil, err
	}
	u, contact := who.user, ""
	if u.Status == user.Unconfirmed && u.Enabled {
		contact = signUpContact(p, u)
	}
	if contact == "" {
		if c.HidesUsers() {
			return &wire.ResendConfirmationCodeOutput{CodeDeliveryDetails: notify.Pretend(p, who.user, in.Username, signUpContacts(p))}, s.pretend(ctx, who)
		}
		return nil, refuseResend(u)
	}
	x := s.newParcel(p, c, u, message.ResendCode, user.SignUpCode, contact, u.Attributes[contact])
	x.metadata = in.ClientMetadata
	err = s.Store.Update(ctx, func(tx *store.Tx) error { return tx.SaveCode(p, u.ID, x.code) })
	if err != nil {
		return nil, err
	}
	if err := s.Notify.SendHiding(ctx, x.note()); err != nil {
		return nil, err
	}
	s.Audit.Record(ctx, p, c, u, user.ResendCodeEvent, user.EventPass)
	return &wire.ResendConfirmationCodeOutput{CodeDeliveryDetails: x.details()}, nil
}

var errNoAutoVerification = fault.New(fault.NotAuthorized, "Cannot resend codes. Auto verification not turned on.")

// refuseResend says why a user gets no sign-up code.
func refuseResend(u *user.User) error {
	switch {
	case u.Status != user.Unconfirmed:
		return fault.New(fault.InvalidParameter, "User is already confirmed.").Because(user.ErrConfirmed)
	case !u.Enabled:
		return user.IsDisabled()
	}
	return errNoAutoVerification
}
