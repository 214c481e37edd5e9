package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/notify"
	"github.com/cenote-id/cenote/internal/signin"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/trigger"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/wire"
)

// ConfirmSignUpByLink is ConfirmSignUp for whoever follows the link of a message. A browser knows no secret of the client: the signature of
// the link stands for the secret hash, so that nobody tries codes at links of their own making.
func (s *Service) ConfirmSignUpByLink(ctx context.Context, in *wire.ConfirmSignUpInput) (*wire.ConfirmSignUpOutput, error) {
	p, c, err := s.Store.Client(ctx, in.ClientId)
	if err != nil {
		return nil, err
	}
	if !notify.ConfirmsByLink(p) || len(c.Secrets) > 0 && !notify.IsLinkSignature(p, c, in.Username, in.ConfirmationCode, in.SecretHash) {
		return nil, user.ExpiredCode()
	}
	return s.confirmSignUp(ctx, signin.Request{Pool: p, Client: c}, in)
}

// ConfirmSignUpByPage is ConfirmSignUp for the managed login pages, which sign the user in afterwards whatever flows the client allows.
func (s *Service) ConfirmSignUpByPage(ctx context.Context, in *wire.ConfirmSignUpInput) (*wire.ConfirmSignUpOutput, error) {
	return s.confirmByCode(ctx, in, signin.ByPage)
}

func (s *Service) confirmByCode(ctx context.Context, in *wire.ConfirmSignUpInput, by signin.Door) (*wire.ConfirmSignUpOutput, error) {
	ctx, p, c, err := s.publicClient(ctx, in.ClientId, in.Username, in.SecretHash, in.UserContextData)
	if err != nil {
		return nil, err
	}
	return s.confirmSignUp(ctx, signin.Request{Pool: p, Client: c, By: by}, in)
}

func (s *Service) confirmSignUp(ctx context.Context, r signin.Request, in *wire.ConfirmSignUpInput) (*wire.ConfirmSignUpOutput, error) {
	p, c := r.Pool, r.Client
	x, err := s.claimant(ctx, p, c, in.Username, user.ConfirmSignUp)
	if err != nil {
		return nil, err
	}
	u := x.user
	if u.Phantom || c.HidesUsers() && u.Status != user.Unconfirmed {
		return nil, user.ExpiredCode()
	}
	out := &wire.ConfirmSignUpOutput{}
	err = s.Store.Update(ctx, func(tx *store.Tx) error {
		now, err := tx.UserByID(p, u.ID)
		if err != nil {
			return err
		}
		u = now
		if !u.Enabled {
			return user.IsDisabled()
		}
		if err := u.Confirm(s.Now()); err != nil {
			return err
		}
		code, err := tx.Code(p, u.ID, user.SignUpCode)
		if err != nil {
			return err
		}
		if err := s.checkCode(p, u, code, in.ConfirmationCode); err != nil {
			return err
		}
		u.Verify(code.Attribute, code.Value, s.Now())
		if err := saveWithAliases(tx, p, u, wire.Value(in.ForceAliasCreation, false)); err != nil {
			return err
		}
		if err := tx.DeleteCounter(p.ID, x.subject, user.ConfirmSignUp); err != nil {
			return err
		}
		if out.Session, err = s.SignIn.ConfirmedSession(tx, r, u, in.Session); err != nil {
			return err
		}
		return tx.DeleteCode(p, u.ID, user.SignUpCode)
	})
	if fault.Is(err, fault.CodeMismatch) {
		s.Audit.Record(ctx, p, c, u, user.SignUpEvent, user.EventFail)
	}
	if err != nil {
		return nil, err
	}
	s.Audit.Record(ctx, p, c, u, user.SignUpEvent, user.EventPass)
	if err := s.postConfirmation(ctx, p, c, u, trigger.PostConfirmationConfirmSignUp, in.ClientMetadata); err != nil {
		return nil, err
	}
	return out, nil
}
