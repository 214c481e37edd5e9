package signin

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/google/uuid"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/message"
	"github.com/cenote-id/cenote/internal/notify"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/trigger"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/wire"
)

// migrateWith looks for the unknown user of a sign-in in the other directory. The attempt goes on as that user's. A function that refuses
// the password counts as a failed one, under the name that was typed: it must not be tried out there either.
func (m *Machine) migrateWith(ctx context.Context, r Request, w *person, a *Attempt, password string) (*person, error) {
	u, err := m.Migrate(ctx, r, w.typed, password)
	switch {
	case fault.Is(err, fault.UserLambdaValidation):
		return nil, errors.Join(err, notCounted(m.fail(ctx, r.Pool, w)))
	case fault.Is(err, fault.UserNotFound) && r.Client.HidesUsers():
		failed := m.fail(ctx, r.Pool, w)
		if errors.Is(failed, errWrongPassword) {
			return nil, errWrongPassword.Because(err)
		}
		return nil, failed
	case err != nil:
		return nil, err
	}
	found := someone(r.Pool, u)
	fresh := begin(r.Pool, found)
	fresh.ID, fresh.DeviceKey, fresh.Custom, fresh.Trail = a.ID, a.DeviceKey, a.Custom, a.Trail
	*a = *fresh
	return found, checkStatus(u)
}

// notCounted returns what kept a failure from being counted, if anything did.
func notCounted(err error) error {
	if errors.Is(err, errWrongPassword) {
		return nil
	}
	return err
}

// Migrate asks the UserMigration trigger for a user that the pool does not know by the name, and creates the user. The password is the one
// that was typed, and is kept as it is; it is empty for a forgotten one. A user whom the function does not know either, or whose
// attributes cannot be stored, is answered with fault.UserNotFound. The pool has the trigger.
func (m *Machine) Migrate(ctx context.Context, r Request, name, password string) (*user.User, error) {
	source, request := trigger.UserMigrationAuthentication, trigger.UserMigrationRequest{Password: password, ValidationData: r.validation}
	if password == "" {
		source, request.ClientMetadata = trigger.UserMigrationForgotPassword, r.Metadata
	}
	res, err := m.Triggers.UserMigration(ctx, trigger.CallFrom(ctx, r.Pool, r.Client.ID, name, source), request)
	if err != nil {
		return nil, err
	}
	if len(res.UserAttributes) == 0 {
		return nil, user.NotFound()
	}
	welcome, err := welcomeContacts(res)
	if err != nil {
		return nil, err
	}
	u, err := m.newcomer(r.Pool, name, password, res)
	if err != nil {
		return nil, unmigratable(r, err)
	}
	err = m.Store.Update(ctx, func(tx *store.Tx) error {
		return tx.WithAliases(r.Pool, u, res.ForceAliasCreation, tx.InsertUser)
	})
	var taken *store.NameTaken
	if errors.As(err, &taken) {
		return m.known(ctx, r, name, err)
	}
	if fault.Is(err, fault.AliasExists) {
		return nil, unmigratable(r, err)
	}
	if err != nil {
		return nil, err
	}
	m.welcome(ctx, r, u, welcome)
	return u, nil
}

// unmigratable is the answer for a user that cannot be created as the function would have it (the text has been observed).
func unmigratable(r Request, cause error) error {
	return fault.Newf(fault.UserNotFound, "Exception migrating user in app client %s", r.Client.ID).Because(cause)
}

// known returns the user whom another request migrated in the meantime.
func (m *Machine) known(ctx context.Context, r Request, name string, taken error) (u *user.User, err error) {
	err = m.Store.View(ctx, func(tx *store.Tx) (err error) {
		u, err = tx.UserBySignInName(r.Pool, name)
		return err
	})
	if fault.Is(err, fault.UserNotFound) {
		return nil, unmigratable(r, taken)
	}
	return u, err
}

// newcomer makes the user of the response. A username among the attributes is the better form of the one that was typed.
func (m *Machine) newcomer(p *pool.Pool, name, password string, res trigger.UserMigrationResponse) (*user.User, error) {
	attributes := maps.Clone(res.UserAttributes)
	if better := attributes["username"]; better != "" && !p.HasUsernameAttributes() {
		name = better
		if err := wire.CheckUsername(name); err != nil {
			return nil, err
		}
	}
	delete(attributes, "username")
	if err := user.CheckUsername(p, name, attributes); err != nil {
		return nil, err
	}
	if err := user.CheckNew(p, attributes, true); err != nil {
		return nil, err
	}
	status := user.ResetRequired
	if res.FinalUserStatus == string(user.Confirmed) {
		status = user.Confirmed
	}
	u := user.New(p, uuid.NewString(), name, status, m.Now())
	for name, value := range attributes {
		u.Attributes.Set(name, value)
	}
	if password != "" {
		u.Password = user.NewPassword(p, u.Username, password)
	}
	if res.EnableSMSMFA {
		if u.Attributes[pool.Phone] == "" || !p.OffersMFA(pool.SMSMFA) {
			return nil, errors.New("enableSMSMFA needs a phone number and a pool with SMS MFA")
		}
		u.Factors.UsesSMS = true
	}
	return u, nil
}

// hiddenPassword stands for the password in a welcome message: the user knows it, and it must not travel in the clear.
const hiddenPassword = "********"

// welcomeContacts returns the contacts that the welcome message of a migrated user goes to: those that the function names, by default the
// phone number; none where the function suppresses the message.
func welcomeContacts(res trigger.UserMigrationResponse) ([]pool.Contact, error) {
	if res.MessageAction == "SUPPRESS" {
		return nil, nil
	}
	media := res.DesiredDeliveryMediums
	if len(media) == 0 {
		media = []string{"SMS"}
	}
	var contacts []pool.Contact
	for _, medium := range media {
		contact := map[string]pool.Contact{"EMAIL": pool.Email, "SMS": pool.Phone}[medium]
		if contact == "" {
			return nil, fault.New(fault.InvalidLambdaResponse, "Invalid lambda function output : Invalid JSON").
				Because(fmt.Errorf("desiredDeliveryMediums: %q", medium))
		}
		if !slices.Contains(contacts, contact) {
			contacts = append(contacts, contact)
		}
	}
	return contacts, nil
}

// welcome sends the invitation to a user who was migrated. It goes behind the answer, because a sign-in does not depend on it.
func (m *Machine) welcome(ctx context.Context, r Request, u *user.User, contacts []pool.Contact) {
	var notes []notify.Note
	for _, contact := range contacts {
		if u.Attributes[contact] == "" {
			continue
		}
		notes = append(notes, notify.Note{
			Pool: r.Pool, Client: r.Client, User: u, Reason: message.AdminCreateUser, Contact: contact, To: u.Attributes[contact],
			Code: hiddenPassword, Metadata: r.Metadata,
		})
	}
	m.Notify.SendBehind(ctx, notes...)
}
