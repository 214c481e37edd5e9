package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/trigger"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/wire"
)

// preSignUp asks whether a user may be created, outside of a transaction and before anything is stored. The name is looked up first, so
// that no function hears of a sign-up that will be refused anyway; whether it is still free is found out again when the user is stored.
// The client is nil for administrators.
func (s *Service) preSignUp(
	ctx context.Context, p *pool.Pool, c *pool.Client, u *user.User, source trigger.Source, req trigger.PreSignUpRequest,
) (trigger.PreSignUpResponse, error) {
	if !s.Triggers.Has(p, trigger.PreSignUp) {
		return trigger.PreSignUpResponse{}, nil
	}
	err := s.Store.View(ctx, func(tx *store.Tx) error {
		for _, name := range u.Names(p) {
			holder, err := tx.NameHolder(p, name)
			if err != nil {
				return err
			}
			if holder != "" && (name.Kind == user.ByUsername || p.IsUsernameAttribute(string(name.Kind))) {
				return &store.NameTaken{Name: name, UserID: holder}
			}
		}
		return nil
	})
	if err != nil {
		return trigger.PreSignUpResponse{}, err
	}
	return s.Triggers.PreSignUp(ctx, trigger.CallFrom(ctx, p, clientID(c), u.Username, source), req)
}

// autoVerify marks the contacts of a new user as verified that a function says are.
func autoVerify(u *user.User, decided trigger.PreSignUpResponse) error {
	for contact, verified := range map[string]bool{pool.Email: decided.AutoVerifyEmail, pool.Phone: decided.AutoVerifyPhone} {
		switch {
		case !verified:
		case u.Attributes[contact] == "":
			return fault.Newf(fault.InvalidParameter, "The user has no %s that could be verified.", contact)
		default:
			u.Attributes.Set(user.VerifiedName(contact), "true")
		}
	}
	return nil
}

// postConfirmation tells that the user has been confirmed or has a new password. The user stays so, whatever the function answers. The
// client is nil for administrators.
func (s *Service) postConfirmation(
	ctx context.Context, p *pool.Pool, c *pool.Client, u *user.User, source trigger.Source, metadata map[string]string,
) error {
	if !s.Triggers.Has(p, trigger.PostConfirmation) {
		return nil
	}
	return s.Triggers.PostConfirmation(ctx, trigger.CallFrom(ctx, p, clientID(c), u.Username, source),
		trigger.PostConfirmationRequest{UserAttributes: trigger.UserAttributes(p, u), ClientMetadata: metadata})
}

// clientID returns the client's id; "" for no client.
func clientID(c *pool.Client) string {
	if c == nil {
		return ""
	}
	return c.ID
}

// validationData returns what a caller tells PreSignUp only; nil for nothing.
func validationData(list []wire.AttributeType) map[string]string {
	if len(list) == 0 {
		return nil
	}
	return attributeMap(list)
}
