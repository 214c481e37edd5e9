package api

import (
	"context"
	"net/url"
	"strings"

	"github.com/cenote-id/cenote/internal/credential"
	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/message"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/wire"
)

// codeDigits is the length of codes that confirm, verify and recover.
const codeDigits = 6

// parcel is a one-time code on its way to a user: the code is stored as a hash in a transaction and told to the user after it.
type parcel struct {
	pool   *pool.Pool
	client *pool.Client // nil for operations of administrators
	user   *user.User
	reason message.Reason
	plain  string
	code   *user.Code
}

// newParcel draws a code for the purpose and addresses it to the contact, email or phone_number, with the value.
func (s *Service) newParcel(p *pool.Pool, c *pool.Client, u *user.User, r message.Reason, purpose user.Purpose, contact, value string) parcel {
	plain := credential.NewCode(codeDigits)
	return parcel{pool: p, client: c, user: u, reason: r, plain: plain, code: &user.Code{
		Purpose: purpose, Attribute: contact, Value: value,
		Hash:    credential.HashCode(codeKey(p), plain, p.ID, u.ID, string(purpose)),
		Expires: s.Now().Add(purpose.Life()),
	}}
}

// checkCode compares a code that a user typed with the outstanding one, which is nil when there is none.
func (s *Service) checkCode(p *pool.Pool, u *user.User, outstanding *user.Code, given string) error {
	if outstanding == nil || !s.Now().Before(outstanding.Expires) {
		return user.ExpiredCode()
	}
	if !credential.CodeMatches(codeKey(p), outstanding.Hash, given, p.ID, u.ID, string(outstanding.Purpose)) {
		return user.WrongCode()
	}
	return nil
}

// codeKey keys the hashes of codes: a stolen database alone does not let six digits be tried out.
func codeKey(p *pool.Pool) []byte { return p.Key.Derive("one-time codes") }

// send delivers the parcel now. A failure is told to the caller without its details, which go to the log.
func (s *Service) send(ctx context.Context, x parcel) error {
	return s.deliver(ctx, x.message(s.Tokens.PublicURL))
}

// deliver sends a message now.
func (s *Service) deliver(ctx context.Context, m message.Message) error {
	if err := s.Messages.Send(ctx, m); err != nil {
		return fault.New(fault.CodeDeliveryFailure, "Unable to deliver the message to the user.").Because(err)
	}
	return nil
}

// details shows where the code goes, masked.
func (x parcel) details() *wire.CodeDeliveryDetailsType {
	return showDelivery(x.code.Attribute, x.code.Value)
}

// showDelivery shows where a message to the contact goes, masked.
func showDelivery(contact, value string) *wire.CodeDeliveryDetailsType {
	d := &wire.CodeDeliveryDetailsType{AttributeName: contact, DeliveryMedium: string(message.Email), Destination: credential.MaskEmail(value)}
	if contact == "phone_number" {
		d.DeliveryMedium, d.Destination = string(message.SMS), credential.MaskPhone(value)
	}
	return d
}

// message puts the code into the pool's words.
func (x parcel) message(publicURL string) message.Message {
	m := newMessage(x.pool, x.user, x.reason, x.code.Attribute, x.code.Value, x.plain)
	link := ""
	if x.client != nil && confirmsByLink(x.pool) {
		link = publicURL + "/confirmUser/?" + url.Values{
			"client_id": {x.client.ID}, "user_name": {x.user.Username}, "confirmation_code": {x.plain},
		}.Encode()
	}
	return templates(x.pool).Pick(m.Medium, m.Reason, link != "").Render(m, link)
}

// newMessage addresses a message to a contact of the user; it has no words yet.
func newMessage(p *pool.Pool, u *user.User, r message.Reason, contact, value, code string) message.Message {
	m := message.Message{Medium: message.Email, To: value, Code: code, PoolID: p.ID, Username: u.Username, Reason: r}
	if contact == "phone_number" {
		m.Medium = message.SMS
	}
	if e := p.Settings.EmailConfiguration; e != nil {
		m.From, m.ReplyTo = e.From, e.ReplyToEmailAddress
	}
	return m
}

func confirmsByLink(p *pool.Pool) bool {
	t := p.Settings.VerificationMessageTemplate
	return t != nil && t.DefaultEmailOption == "CONFIRM_WITH_LINK"
}

// templates collects the pool's words.
func templates(p *pool.Pool) message.Templates {
	t := message.Templates{AuthSMS: p.Settings.SmsAuthenticationMessage}
	if v := p.Settings.VerificationMessageTemplate; v != nil {
		t.CodeEmailSubject, t.CodeEmail, t.CodeSMS = v.EmailSubject, v.EmailMessage, v.SmsMessage
		t.LinkEmailSubject, t.LinkEmail = v.EmailSubjectByLink, v.EmailMessageByLink
	}
	if a := p.Settings.AdminCreateUserConfig; a != nil && a.InviteMessageTemplate != nil {
		i := a.InviteMessageTemplate
		t.InviteEmailSubject, t.InviteEmail, t.InviteSMS = i.EmailSubject, i.EmailMessage, i.SMSMessage
	}
	if e := p.Mfa.Email; e != nil {
		t.AuthEmailSubject, t.AuthEmail = e.Subject, e.Message
	}
	return t
}

// signUpContact returns the contact that a sign-up code goes to: an auto-verified one that the user has, the phone before the
// e-mail address; "" when no code is due.
func signUpContact(p *pool.Pool, u *user.User) string {
	for _, contact := range user.Contacts() {
		if p.AutoVerifies(contact) && u.Attributes[contact] != "" {
			return contact
		}
	}
	return ""
}

// recoveryContact returns the verified contact that a recovery code goes to, by the pool's priorities.
func recoveryContact(p *pool.Pool, u *user.User) (string, error) {
	for _, way := range p.Recoveries() {
		if way == pool.RecoverByAdmin {
			return "", fault.New(fault.NotAuthorized, "Contact administrator to reset password.")
		}
		contact := strings.TrimPrefix(string(way), "verified_")
		if u.Attributes[contact] != "" && u.Attributes.Verified(contact) {
			return contact, nil
		}
	}
	return "", fault.New(fault.InvalidParameter,
		"Cannot reset password for the user as there is no registered/verified email or phone_number")
}
