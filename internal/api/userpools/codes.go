package userpools

import (
	"context"
	"slices"

	"github.com/cenote-id/cenote/internal/credential"
	"github.com/cenote-id/cenote/internal/message"
	"github.com/cenote-id/cenote/internal/notify"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/wire"
)

// codeDigits is the length of codes that confirm, verify and recover.
const codeDigits = 6

// parcel is a one-time code on its way to a user: the code is stored as a hash in a transaction and told to the user after it.
type parcel struct {
	pool     *pool.Pool
	client   *pool.Client // nil for operations of administrators
	user     *user.User
	reason   message.Reason
	plain    string
	metadata map[string]string // ClientMetadata, for triggers
	code     *user.Code
}

// newParcel draws a code for the purpose and addresses it to the contact, email or phone_number, with the value.
func (s *Service) newParcel(p *pool.Pool, c *pool.Client, u *user.User, r message.Reason, purpose user.Purpose, contact, value string) parcel {
	plain := credential.NewCode(codeDigits)
	return parcel{pool: p, client: c, user: u, reason: r, plain: plain, code: &user.Code{
		Purpose: purpose, Attribute: contact, Value: value,
		Hash:    credential.HashCode(p.CodeKey(), plain, p.ID, u.ID, string(purpose)),
		Expires: s.Now().Add(purpose.Life()),
	}}
}

// pretend does what making a code costs, for a name that gets none: the time of an answer must not tell who exists. What it stores is a
// code that nobody was told, under a subject that no code is looked for; it expires like any other.
func (s *Service) pretend(ctx context.Context, who *claimant) error {
	x := s.newParcel(who.pool, nil, &user.User{ID: who.subject}, "", user.RecoveryCode, "", "")
	err := s.Store.Update(ctx, func(tx *store.Tx) error { return tx.SaveCode(who.pool, who.subject, x.code) })
	if err == nil {
		s.Notify.SendNobody(who.pool, who.subject)
	}
	return err
}

// checkCode compares a code that a user typed with the outstanding one, which is nil when there is none.
func (s *Service) checkCode(p *pool.Pool, u *user.User, outstanding *user.Code, given string) error {
	if outstanding == nil || !s.Now().Before(outstanding.Expires) {
		return user.ExpiredCode()
	}
	if !credential.CodeMatches(p.CodeKeys(), outstanding.Hash, given, p.ID, u.ID, string(outstanding.Purpose)) {
		return user.WrongCode()
	}
	return nil
}

// send tells the user the code now. A failure is told to the caller without its details, which go to the log.
func (s *Service) send(ctx context.Context, x parcel) error { return s.Notify.Send(ctx, x.note()) }

// note is the parcel as the user is told it.
func (x parcel) note() notify.Note {
	return notify.Note{
		Pool: x.pool, Client: x.client, User: x.user, Reason: x.reason,
		Contact: x.code.Attribute, To: x.code.Value, Code: x.plain, Metadata: x.metadata,
	}
}

// details shows where the code goes, masked.
func (x parcel) details() *wire.CodeDeliveryDetailsType {
	return notify.Details(x.code.Attribute, x.code.Value)
}

// signUpContact returns the contact that a sign-up code goes to: an auto-verified one that the user has; "" when no code is due.
func signUpContact(p *pool.Pool, u *user.User) pool.Contact {
	for _, contact := range signUpContacts(p) {
		if u.Attributes[contact] != "" {
			return contact
		}
	}
	return ""
}

// signUpContacts returns the contacts that the pool verifies by itself, the phone before the e-mail address.
func signUpContacts(p *pool.Pool) []pool.Contact {
	return slices.DeleteFunc(slices.Clone(user.Contacts()), func(c pool.Contact) bool { return !p.AutoVerifies(c) })
}
