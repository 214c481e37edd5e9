package userpools

import (
	"context"

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
	ctx, p, c, err := s.publicClient(ctx, in.ClientId, in.Username, in.SecretHash, in.UserContextData)
	if err != nil {
		return nil, err
	}
	who, err := s.find(ctx, p, c, in.Username)
	if err != nil {
		return nil, err
	}
	migrates := who.user.Phantom && s.Triggers.Has(p, trigger.UserMigration)
	if who.user.Phantom && !c.HidesUsers() && !migrates {
		return nil, errNoCombination
	}
	if err := s.countAttempt(ctx, p.ID, who.subject, user.ForgotPassword); err != nil {
		return nil, err
	}
	if migrates {
		switch u, err := s.SignIn.Migrate(ctx, signin.Request{Pool: p, Client: c, Metadata: in.ClientMetadata}, in.Username, ""); {
		case err == nil:
			who.user = u
		case !fault.Is(err, fault.UserNotFound):
			return nil, err
		}
	}
	u := who.user
	contact, err := recoverable(p, u)
	if err != nil {
		s.Audit.Record(ctx, p, c, who.known(), user.ForgotPasswordEvent, user.EventFail)
		if c.HidesUsers() {
			return &wire.ForgotPasswordOutput{CodeDeliveryDetails: notify.Pretend(p, who.user, in.Username, p.RecoveryContacts())}, s.pretend(ctx, who)
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
