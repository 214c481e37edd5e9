package userpools

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"github.com/cenote-id/cenote/internal/credential"
	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/message"
	"github.com/cenote-id/cenote/internal/notify"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/trigger"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/wire"
)

// AdminCreateUser makes a user with a temporary password, which the user has to change at the first sign-in, and sends an invitation
// that tells it. MessageAction RESEND sends another invitation with a new password, SUPPRESS sends none.
func (s *Service) AdminCreateUser(ctx context.Context, in *wire.AdminCreateUserInput) (*wire.AdminCreateUserOutput, error) {
	p, err := s.Store.Pool(ctx, in.UserPoolId)
	if err != nil {
		return nil, err
	}
	if in.MessageAction == "RESEND" {
		return s.resendInvitation(ctx, p, in)
	}
	attributes := attributeMap(in.UserAttributes)
	if err := user.CheckUsername(p, in.Username, attributes); err != nil {
		return nil, err
	}
	if err := user.CheckNew(p, attributes, false); err != nil {
		return nil, err
	}
	for _, contact := range user.Contacts() {
		if attributes[user.VerifiedName(contact)] == "true" && attributes[contact] == "" {
			return nil, fault.Newf(fault.InvalidParameter, "%s is required when %s is true.", contact, user.VerifiedName(contact))
		}
	}
	now := s.Now()
	u := user.New(p, uuid.NewString(), in.Username, user.ForceChangePassword, now)
	for name, value := range attributes {
		u.Attributes.Set(name, value)
	}
	media, err := inviteMedia(in, u)
	if err != nil {
		return nil, err
	}
	password, err := temporaryPassword(p, in.TemporaryPassword)
	if err != nil {
		return nil, err
	}
	_, err = s.preSignUp(ctx, p, nil, u, trigger.PreSignUpAdminCreateUser, trigger.PreSignUpRequest{
		UserAttributes: attributes, ValidationData: validationData(in.ValidationData), ClientMetadata: in.ClientMetadata,
	})
	if err != nil {
		return nil, asUsernameExists(err)
	}
	if in.TemporaryPassword == "" && u.NeedsNoPassword(p) {
		u.Status, password = user.Confirmed, "" // signs in by one-time codes: there is no password to tell
	} else {
		u.SetTemporaryPassword(p, user.NewPassword(p, u.Username, password), now)
	}
	force := wire.Value(in.ForceAliasCreation, false)
	err = s.Store.Update(ctx, func(tx *store.Tx) error {
		return asUsernameExists(tx.WithAliases(p, u, force, tx.InsertUser))
	})
	if err != nil {
		return nil, err
	}
	if err := s.invite(ctx, p, u, media, password, in.ClientMetadata); err != nil {
		return nil, errors.Join(err, s.forget(ctx, p, u))
	}
	shown := showUser(u, nil)
	return &wire.AdminCreateUserOutput{User: &shown}, nil
}

// resendInvitation gives a user who never signed in a new temporary password and sends the invitation again.
func (s *Service) resendInvitation(ctx context.Context, p *pool.Pool, in *wire.AdminCreateUserInput) (*wire.AdminCreateUserOutput, error) {
	var u *user.User
	err := s.Store.View(ctx, func(tx *store.Tx) (err error) {
		u, err = tx.UserByName(p, in.Username)
		return err
	})
	if err != nil {
		return nil, err
	}
	media, err := inviteMedia(in, u)
	if err != nil {
		return nil, err
	}
	password, err := temporaryPassword(p, in.TemporaryPassword)
	if err != nil {
		return nil, err
	}
	kept := user.NewPassword(p, u.Username, password)
	var before *user.Password
	err = s.Store.Update(ctx, func(tx *store.Tx) (err error) {
		if u, err = tx.UserByID(p, u.ID); err != nil {
			return err
		}
		if u.Status != user.ForceChangePassword {
			return fault.Newf(fault.UnsupportedUserState, "Resend not possible. %s status is not FORCE_CHANGE_PASSWORD", u.Username)
		}
		before = u.Password
		u.SetTemporaryPassword(p, kept, s.Now())
		return tx.SaveUser(p, u)
	})
	if err != nil {
		return nil, err
	}
	if err := s.invite(ctx, p, u, media, password, in.ClientMetadata); err != nil {
		return nil, errors.Join(err, s.undoResend(ctx, p, u, before))
	}
	shown := showUser(u, nil)
	return &wire.AdminCreateUserOutput{User: &shown}, nil
}

// undoResend gives a user back the temporary password of the invitation before, when the new one could not be told.
func (s *Service) undoResend(ctx context.Context, p *pool.Pool, changed *user.User, before *user.Password) error {
	return s.Store.Update(context.WithoutCancel(ctx), func(tx *store.Tx) error {
		u, err := tx.UserByID(p, changed.ID)
		if err != nil || !u.SamePassword(changed) {
			return err
		}
		u.Password = before
		return tx.SaveUser(p, u)
	})
}

// temporaryPassword checks the password that the administrator chose, or draws one that meets the policy.
func temporaryPassword(p *pool.Pool, chosen string) (string, error) {
	policy := p.PasswordPolicy()
	if chosen == "" {
		return credential.GeneratePassword(policy.MinimumLength, policy.Upper, policy.Lower, policy.Number, policy.Symbol), nil
	}
	return chosen, policy.Check(pool.TemporaryPassword, chosen)
}

// inviteMedia returns the contacts to which an invitation goes. Without a wish it is a text message, and a user without a phone number
// gets none (observed). A wish that cannot be met is refused.
func inviteMedia(in *wire.AdminCreateUserInput, u *user.User) ([]string, error) {
	if in.MessageAction == "SUPPRESS" {
		return nil, nil
	}
	if len(in.DesiredDeliveryMediums) == 0 {
		if u.Attributes[pool.Phone] == "" {
			return nil, nil
		}
		return []string{pool.Phone}, nil
	}
	var contacts []string
	for _, medium := range in.DesiredDeliveryMediums {
		contact := map[string]string{"EMAIL": pool.Email, "SMS": pool.Phone}[medium]
		if u.Attributes[contact] == "" {
			return nil, fault.Newf(fault.InvalidParameter, "User has no %s to deliver the invitation to by %s.", contact, medium)
		}
		if !slices.Contains(contacts, contact) {
			contacts = append(contacts, contact)
		}
	}
	return contacts, nil
}

// invite tells the user the temporary password; "" where there is none.
func (s *Service) invite(
	ctx context.Context, p *pool.Pool, u *user.User, contacts []string, password string, metadata map[string]string,
) error {
	var notes []notify.Note
	for _, contact := range contacts {
		note := notify.Note{
			Pool: p, User: u, Reason: message.AdminCreateUser, Contact: contact, To: u.Attributes[contact], Code: password,
			Metadata: metadata,
		}
		notes = append(notes, note)
	}
	if err := s.Notify.Send(ctx, notes...); err != nil {
		return fmt.Errorf("invite: %w", err)
	}
	return nil
}

// asUsernameExists words a taken name for AdminCreateUser, which declares no AliasExistsException.
func asUsernameExists(err error) error {
	var f *fault.Error
	if errors.As(err, &f) && f.Code == fault.AliasExists {
		return fault.New(fault.UsernameExists, f.Message)
	}
	return usernameExists(err, "User account already exists")
}
