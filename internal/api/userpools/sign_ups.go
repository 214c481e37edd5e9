package userpools

import (
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/google/uuid"

	"github.com/cenote-id/cenote/internal/audit"
	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/message"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/signin"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/trigger"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/wire"
)

// SignUpByPage is SignUp for the managed login pages, which sign the user in afterwards whatever flows the client allows.
func (s *Service) SignUpByPage(ctx context.Context, in *wire.SignUpInput) (*wire.SignUpOutput, error) {
	return s.signUp(ctx, in, signin.ByPage)
}

func (s *Service) signUp(ctx context.Context, in *wire.SignUpInput, by signin.Door) (*wire.SignUpOutput, error) {
	ctx, p, c, err := s.publicClient(ctx, in.ClientId, in.Username, in.SecretHash, in.UserContextData)
	if err != nil {
		return nil, err
	}
	if !p.AllowsSelfSignUp() {
		return nil, fault.New(fault.NotAuthorized, "SignUp is not permitted for this user pool")
	}
	if err := s.Audit.Admit(ctx, audit.Case{Pool: p, Client: c}); err != nil {
		return nil, err
	}
	attributes := attributeMap(in.UserAttributes)
	if err := checkSignUp(p, c, in, attributes); err != nil {
		return nil, err
	}
	if err := s.Audit.CheckNew(p, c, audit.AtSignUp, in.Password); err != nil {
		return nil, err
	}
	now := s.Now()
	u := user.New(p, uuid.NewString(), in.Username, user.Unconfirmed, now)
	for name, value := range attributes {
		u.Attributes.Set(name, value)
	}
	decided, err := s.preSignUp(ctx, p, c, u, trigger.PreSignUpSignUp, trigger.PreSignUpRequest{
		UserAttributes: attributes, ValidationData: validationData(in.ValidationData), ClientMetadata: in.ClientMetadata,
	})
	if err != nil {
		return nil, usernameExists(err, "User already exists")
	}
	if in.Password != "" {
		u.Password = user.NewPassword(p, u.Username, in.Password)
	}
	contact := signUpContact(p, u)
	if contact != "" {
		u.Attributes.Set(user.VerifiedName(contact), "false")
	}
	if err := autoVerify(u, decided); err != nil {
		return nil, err
	}
	if decided.AutoConfirmUser {
		return s.signUpConfirmed(ctx, signin.Request{Pool: p, Client: c, By: by}, u, in, decided)
	}
	var x parcel
	if contact != "" {
		x = s.newParcel(p, c, u, message.SignUp, user.SignUpCode, contact, u.Attributes[contact])
		x.metadata = in.ClientMetadata
	}
	err = s.Store.Update(ctx, func(tx *store.Tx) error {
		if err := insertSignUp(tx, p, u, decided); err != nil || contact == "" {
			return err
		}
		return tx.SaveCode(p, u.ID, x.code)
	})
	if err != nil {
		return nil, err
	}
	s.Audit.Record(ctx, p, c, u, user.SignUpEvent, user.EventInProgress)
	out := &wire.SignUpOutput{UserSub: u.ID}
	if out.Session, err = s.SignIn.SignUpSession(signin.Request{Pool: p, Client: c, By: by}, u); err != nil {
		return nil, err
	}
	if contact == "" {
		return out, nil
	}
	if err := s.send(ctx, x); err != nil {
		if fault.Is(err, fault.CodeDeliveryFailure) || fault.Is(err, fault.LimitExceeded) {
			err = errors.Join(err, s.forget(ctx, p, u))
		}
		return nil, err // a user for whom CustomMessage had no words stays, unconfirmed (observed)
	}
	out.CodeDeliveryDetails = x.details()
	return out, nil
}

// signUpConfirmed ends a sign-up whose user needs no code, because PreSignUp says so.
func (s *Service) signUpConfirmed(
	ctx context.Context, r signin.Request, u *user.User, in *wire.SignUpInput, decided trigger.PreSignUpResponse,
) (*wire.SignUpOutput, error) {
	p, c := r.Pool, r.Client
	if err := u.Confirm(s.Now()); err != nil {
		return nil, err
	}
	err := s.Store.Update(ctx, func(tx *store.Tx) error { return insertSignUp(tx, p, u, decided) })
	if err != nil {
		return nil, err
	}
	s.Audit.Record(ctx, p, c, u, user.SignUpEvent, user.EventPass)
	if err := s.postConfirmation(ctx, p, c, u, trigger.PostConfirmationConfirmSignUp, in.ClientMetadata); err != nil {
		return nil, err
	}
	session, err := s.SignIn.SignUpSession(r, u)
	if err != nil {
		return nil, err
	}
	return &wire.SignUpOutput{UserConfirmed: true, UserSub: u.ID, Session: session}, nil
}

// insertSignUp stores a user who signed up. An address that a function vouched for moves here from whoever has it as an alias.
func insertSignUp(tx *store.Tx, p *pool.Pool, u *user.User, decided trigger.PreSignUpResponse) error {
	err := tx.WithAliases(p, u, decided.AutoVerifyEmail || decided.AutoVerifyPhone, tx.InsertUser)
	var f *fault.Error
	if errors.As(err, &f) && f.Code == fault.AliasExists { // an attribute that serves as the username
		return fault.New(fault.UsernameExists, f.Message)
	}
	return usernameExists(err, "User already exists")
}

// checkSignUp checks names, attributes and password of a sign-up. The contact that stands for the username is added to the attributes.
func checkSignUp(p *pool.Pool, c *pool.Client, in *wire.SignUpInput, attributes map[string]string) error {
	if err := user.CheckUsername(p, in.Username, attributes); err != nil {
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
		return checkWithoutPassword(p, c, attributes)
	}
	return p.PasswordPolicy().Check(pool.SignUpPassword, in.Password)
}

// checkWithoutPassword lets people do without a password where a one-time code to a contact of theirs signs them in.
func checkWithoutPassword(p *pool.Pool, c *pool.Client, attributes map[string]string) error {
	for _, contact := range user.Contacts() {
		if attributes[contact] != "" && p.AllowsFirstFactor(pool.FirstFactorBy(contact)) && c.AllowsFlow("USER_AUTH") {
			return nil
		}
	}
	return fault.New(fault.InvalidParameter, "Password is required.")
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
