// Package notify tells users what they have to know: a code, a temporary password, a notice.
//
// It is the one place where a message is put together: the pool's words (or the CustomMessage trigger's), the address, the sender; and
// where it leaves: through a transport of the server, or through the operator's own function. Start with Notifier.Send.
package notify

import (
	"context"
	"net/url"

	"github.com/cenote-id/cenote/internal/credential"
	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/message"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/wire"
)

// Notifier sends notes.
type Notifier struct {
	Messages  *message.Router
	Later     *message.Dispatcher // for notes that must not delay the answer
	PublicURL string              // base of links, without a trailing slash
}

// Note is what a user has to be told, and where.
type Note struct {
	Pool     *pool.Pool
	Client   *pool.Client // nil for operations of administrators
	User     *user.User
	Reason   message.Reason
	Contact  string // email or phone_number
	To       string // its value
	Code     string // or the temporary password of an invitation
	ShownAs  string // the username to tell; empty: the user's
	Metadata map[string]string
}

// Send tells the note now. A failure is a CodeDeliveryFailureException without its details, which go to the log.
func (n *Notifier) Send(ctx context.Context, note Note) error {
	if err := n.Messages.Send(ctx, n.compose(note)); err != nil {
		return fault.New(fault.CodeDeliveryFailure, "Unable to deliver the message to the user.").Because(err)
	}
	return nil
}

// SendHiding tells the note; where the client hides who exists it does so behind the answer, because the time a mail server takes and
// its refusals would tell that there is somebody to write to.
func (n *Notifier) SendHiding(ctx context.Context, note Note) error {
	if note.Client == nil || !note.Client.HidesUsers() {
		return n.Send(ctx, note)
	}
	n.Later.Go(n.compose(note))
	return nil
}

// compose puts the note into the pool's words.
func (n *Notifier) compose(note Note) message.Message {
	p := note.Pool
	m := message.Message{
		Medium: MediumOf(note.Contact), To: note.To, Code: note.Code, PoolID: p.ID, Username: note.User.Username, Reason: note.Reason,
	}
	if note.ShownAs != "" {
		m.Username = note.ShownAs
	}
	if e := p.Settings.EmailConfiguration; e != nil {
		m.From, m.ReplyTo = e.From, e.ReplyToEmailAddress
	}
	link := ""
	if note.Client != nil && confirmsByLink(p) {
		link = n.PublicURL + "/confirmUser/?" + url.Values{
			"client_id": {note.Client.ID}, "user_name": {note.User.Username}, "confirmation_code": {note.Code},
		}.Encode()
	}
	return templates(p).Pick(m.Medium, m.Reason, link != "").Render(m, link)
}

// MediumOf returns how the contact is reached.
func MediumOf(contact string) message.Medium {
	if contact == "phone_number" {
		return message.SMS
	}
	return message.Email
}

// Details shows where a message to the contact goes, masked.
func Details(contact, value string) *wire.CodeDeliveryDetailsType {
	return &wire.CodeDeliveryDetailsType{AttributeName: contact, DeliveryMedium: string(MediumOf(contact)), Destination: Mask(contact, value)}
}

// Mask hides most of an address.
func Mask(contact, value string) string {
	if contact == "phone_number" {
		return credential.MaskPhone(value)
	}
	return credential.MaskEmail(value)
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
