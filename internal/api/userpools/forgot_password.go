package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/audit"
	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/message"
	"github.com/cenote-id/cenote/internal/notify"
	"github.com/cenote-id/cenote/internal/signin"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/trigger"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/wire"
)

// ForgotPassword sends a code with which a user can choose a new password. The old one works until then. A user whom the pool does not know
// may come from another directory.
func (s *Service) ForgotPassword(ctx context.Context, in *wire.ForgotPasswordInput) (*wire.ForgotPasswordOutput, error) {
	p, c, err := s.Store.Client(ctx, in.ClientId)
	if err != nil {
		return nil, err
	}
	if err := c.CheckSecretHash(in.Username, in.SecretHash); err != nil {
		return nil, err
	}
	ctx = audit.ByClient(ctx, c, in.UserContextData)
	u, subject, err := s.findUser(ctx, p, in.Username)
	if err != nil {
		return nil, err
	}
	migrates := u == nil && s.Triggers.Has(p, trigger.UserMigration)
	if u == nil && !c.HidesUsers() && !migrates {
		return nil, errNoCombination
	}
	if err := s.countAttempt(ctx, p.ID, subject, user.ForgotPassword); err != nil {
		return nil, err
	}
	if migrates {
		u, err = s.SignIn.Migrate(ctx, signin.Request{Pool: p, Client: c, Metadata: in.ClientMetadata}, in.Username, "")
		if err != nil && !fault.Is(err, fault.UserNotFound) {
			return nil, err
		}
	}
	contact, err := recoverable(p, u)
	if err != nil {
		s.Audit.Record(ctx, p, c, u, user.ForgotPasswordEvent, user.EventFail)
		if c.HidesUsers() {
			return &wire.ForgotPasswordOutput{CodeDeliveryDetails: notify.Pretend(p, in.Username, p.RecoveryContacts())}, s.pretend(ctx, p, subject)
		}
		return nil, err
	}
	x := s.newParcel(p, c, u, message.ForgotPassword, user.RecoveryCode, contact, u.Attributes[contact])
	x.metadata = in.ClientMetadata
	err = s.Store.Update(ctx, func(tx *store.Tx) error { return tx.SaveCode(p, u.ID, x.code) })
	if err != nil {
		return nil, err
	}
	if err := s.Notify.SendHiding(ctx, x.note()); err != nil {
		return nil, err
	}
	s.Audit.Record(ctx, p, c, u, user.ForgotPasswordEvent, user.EventInProgress)
	return &wire.ForgotPasswordOutput{CodeDeliveryDetails: x.details()}, nil
}
