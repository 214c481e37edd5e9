package api

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/message"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/wire"
)

// SignUp registers a user, who has to confirm an address with the code that is sent to it. Where the pool verifies no address by
// itself, no code is sent and an administrator confirms.
func (s *Service) SignUp(ctx context.Context, in *wire.SignUpInput) (*wire.SignUpOutput, error) {
	p, c, err := s.Store.Client(ctx, in.ClientId)
	if err != nil {
		return nil, err
	}
	if err := c.CheckSecretHash(in.Username, in.SecretHash); err != nil {
		return nil, err
	}
	if !p.AllowsSelfSignUp() {
		return nil, fault.New(fault.NotAuthorized, "SignUp is not permitted for this user pool")
	}
	attributes := attributeMap(in.UserAttributes)
	if err := checkSignUp(p, c, in, attributes); err != nil {
		return nil, err
	}
	now := s.Now()
	u := user.New(p, uuid.NewString(), in.Username, user.Unconfirmed, now)
	for name, value := range attributes {
		u.Attributes.Set(name, value)
	}
	u.Password = user.NewPassword(p, u.Username, in.Password)
	contact := signUpContact(p, u)
	var x parcel
	if contact != "" {
		x = s.newParcel(p, c, u, message.SignUp, user.SignUpCode, contact, u.Attributes[contact])
		u.Attributes.Set(user.VerifiedName(contact), "false")
	}
	err = s.Store.Update(ctx, func(tx *store.Tx) error {
		if err := tx.InsertUser(p, u); err != nil || contact == "" {
			return usernameExists(err, "User already exists")
		}
		return tx.SaveCode(p, u.ID, x.code)
	})
	if err != nil {
		return nil, err
	}
	out := &wire.SignUpOutput{UserSub: u.ID}
	if contact == "" {
		return out, nil
	}
	if err := s.send(ctx, x); err != nil {
		return nil, errors.Join(err, s.forget(ctx, p, u))
	}
	out.CodeDeliveryDetails = x.details()
	return out, nil
}

// checkSignUp checks names, attributes and password of a sign-up. The contact that stands for the username is added to the attributes.
func checkSignUp(p *pool.Pool, c *pool.Client, in *wire.SignUpInput, attributes map[string]string) error {
	if err := checkUsername(p, in.Username, attributes); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(attributes)) {
		if p.Attribute(name) != nil && !c.CanWrite(name) && !p.IsUsernameAttribute(name) {
			return user.UnauthorizedAttribute()
		}
	}
	if attributes["preferred_username"] != "" && p.IsAlias("preferred_username") {
		return fault.New(fault.InvalidParameter, "The alias preferred_username can be set only after the user is confirmed.")
	}
	if err := user.CheckNew(p, attributes, true); err != nil {
		return err
	}
	if in.Password == "" {
		return fault.New(fault.InvalidParameter, "Password is required.")
	}
	return p.PasswordPolicy().Check(pool.SignUpPassword, in.Password)
}

// checkUsername checks the form of a new user's name. In pools with username attributes the name is an e-mail address or a phone
// number, and becomes that attribute. In pools with aliases a name must not look like an alias. Texts observed on the service.
func checkUsername(p *pool.Pool, name string, attributes map[string]string) error {
	if !p.HasUsernameAttributes() {
		if p.IsAlias("email") && user.IsEmail(name) {
			return fault.New(fault.InvalidParameter, "Username cannot be of email format, since user pool is configured for email alias.")
		}
		if p.IsAlias("phone_number") && user.IsPhone(name) {
			return fault.New(fault.InvalidParameter, "Username cannot be of phone number format, since user pool is configured for phone number alias.")
		}
		return nil
	}
	kind := ""
	switch {
	case p.IsUsernameAttribute("email") && user.IsEmail(name):
		kind = "email"
	case p.IsUsernameAttribute("phone_number") && user.IsPhone(name):
		kind = "phone_number"
	case p.IsUsernameAttribute("email") && p.IsUsernameAttribute("phone_number"):
		return fault.New(fault.InvalidParameter, "Username should be either an email or a phone number.")
	case p.IsUsernameAttribute("email"):
		return fault.New(fault.InvalidParameter, "Username should be an email.")
	default:
		return fault.New(fault.InvalidParameter, "Username should be a phone number.")
	}
	if given := attributes[kind]; given != "" && !strings.EqualFold(given, name) {
		return fault.Newf(fault.InvalidParameter, "The %s attribute must be the same as the username.", kind)
	}
	attributes[kind] = name
	return nil
}

// usernameExists turns a name that somebody else holds into the answer for a new user.
func usernameExists(err error, text string) error {
	var taken *store.NameTaken
	if !errors.As(err, &taken) {
		return err
	}
	if taken.Name.Kind == user.ByUsername {
		return fault.New(fault.UsernameExists, text)
	}
	return fault.Newf(fault.UsernameExists, "An account with the given %s already exists.", taken.Name.Kind)
}

// forget removes a user who was made a moment ago and whose first message could not be delivered, so that nothing half-made stays
// and the name is free for another try. It works even when the caller has gone.
func (s *Service) forget(ctx context.Context, p *pool.Pool, u *user.User) error {
	return s.Store.Update(context.WithoutCancel(ctx), func(tx *store.Tx) error {
		now, err := tx.UserByID(p, u.ID)
		if fault.Is(err, fault.UserNotFound) {
			return nil
		}
		if err != nil || now.Status != u.Status {
			return err
		}
		return tx.DeleteUser(p, now)
	})
}
