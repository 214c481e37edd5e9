// Package notify tells users what they have to know: a code, a temporary password, a notice.
//
// It is the one place where a message is put together: the pool's words (or the CustomMessage trigger's), the address, the sender; and
// where it leaves: through a transport of the server, or through the operator's own function. Start with Notifier.Send.
package notify

import (
	"context"
	"errors"
	"fmt"

	"github.com/cenote-id/cenote/internal/caller"
	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/logs"
	"github.com/cenote-id/cenote/internal/message"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/tracing"
	"github.com/cenote-id/cenote/internal/trigger"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/wire"
)

// Notifier sends notes.
type Notifier struct {
	Messages  *message.Router
	Later     *message.Dispatcher // for notes that must not delay the answer
	Triggers  *trigger.Runner     // nil: no function is ever asked
	Budget    *Budget             // nil: any number of messages
	Logs      *logs.Outbox        // gets the failures that pools want delivered; nil: none
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
	Proven   bool   // of Authentication: the user has passed a factor already
	Metadata map[string]string
}

// Send tells the notes now: to one user, for one reason, with one code for each contact. A delivery that fails is a
// CodeDeliveryFailureException without its details, which go to the log; what the CustomMessage trigger has against the words is told as
// it is. A note beyond the budget is a LimitExceededException.
func (n *Notifier) Send(ctx context.Context, notes ...Note) error {
	w := words{ask: n.Triggers}
	for _, note := range notes {
		if err := n.spend(ctx, note); err != nil {
			return err
		}
		if n.leaves(ctx, note) {
			continue
		}
		m, err := n.compose(ctx, note, &w)
		switch {
		case errors.Is(err, errNoPasswordToTell):
			continue
		case errors.Is(err, errPasswordUntold):
			n.withhold(ctx, note, err)
			continue
		case err != nil:
			return err
		}
		if err := n.Messages.Send(ctx, m); err != nil {
			n.failed(note.Pool, m, err)
			return fault.New(fault.CodeDeliveryFailure, "Unable to deliver the message to the user.").Because(err)
		}
	}
	return nil
}

// SendHiding tells the notes; where the client hides who exists it does so behind the answer, because the time that a function or a mail
// server takes, and their refusals, would tell that there is somebody to write to.
func (n *Notifier) SendHiding(ctx context.Context, notes ...Note) error {
	for _, note := range notes {
		if note.Client == nil || !note.Client.HidesUsers() {
			return n.Send(ctx, notes...)
		}
	}
	n.SendBehind(ctx, notes...)
	return nil
}

// SendBehind tells the notes behind the answer. Failures go to the log, and so do notes beyond the budget: their answer is that of others.
func (n *Notifier) SendBehind(ctx context.Context, notes ...Note) {
	if len(notes) == 0 {
		return
	}
	by := caller.From(ctx)
	w := words{ask: n.Triggers}
	n.later(ctx, notes[0].about(), func(ctx context.Context) error {
		ctx = caller.With(ctx, by)
		var errs []error
		for _, note := range notes {
			err := note.discreet(n.sendOne(ctx, note, &w))
			n.failed(note.Pool, note.about(), err)
			errs = append(errs, err)
		}
		return errors.Join(errs...)
	})
}

// later does something behind the answer, as a part of the trace that the context belongs to.
func (n *Notifier) later(ctx context.Context, about message.Message, do func(context.Context) error) {
	link := tracing.LinkOf(ctx)
	n.Later.Do(about, func(ctx context.Context) error { return do(link.Join(ctx)) })
}

// SendNobody does behind the answer what a code for a user writes to the store, for a name that gets none: the load of a server must not
// tell who exists. The subject is what stands for the name.
func (n *Notifier) SendNobody(p *pool.Pool, subject string) {
	about := message.Message{PoolID: p.ID, To: subject}
	n.Later.Do(about, func(ctx context.Context) error {
		return n.Budget.spend(ctx, p.ID, subject, subject, user.SendCode)
	})
}

// sendOne tells one note of several, and nobody but the log of its failure.
func (n *Notifier) sendOne(ctx context.Context, note Note, w *words) error {
	if err := n.spend(ctx, note); err != nil {
		return err
	}
	if sender := n.custom(note); sender != "" {
		return n.leave(ctx, note, sender)
	}
	m, err := n.compose(ctx, note, w)
	if err != nil {
		return err
	}
	return n.Messages.Send(ctx, m)
}

// discreet returns the error as logs may have it. Functions that fail like to repeat what they were told.
func (note Note) discreet(err error) error {
	return message.WithoutSecrets(err, note.about(), trigger.EscapedCode(note.Code))
}

// failed adds a message that did not leave to the logs of its pool.
func (n *Notifier) failed(p *pool.Pool, m message.Message, err error) {
	if err != nil && !errors.Is(err, message.ErrLimited) {
		n.Logs.Undelivered(p, fmt.Sprintf("Failed to deliver %s: %v", m, err))
	}
}

// custom returns the sender trigger of the note's medium, if the pool has one: then the note leaves by it.
func (n *Notifier) custom(note Note) trigger.Trigger {
	sender := trigger.CustomEmailSender
	if MediumOf(note.Contact) == message.SMS {
		sender = trigger.CustomSMSSender
	}
	if n.Triggers.Has(note.Pool, sender) {
		return sender
	}
	return ""
}

// leaves hands the note to the operator's own sender, where the pool has one, behind the answer: nobody waits for it, and its failure is
// told to nobody but the log.
func (n *Notifier) leaves(ctx context.Context, note Note) bool {
	sender := n.custom(note)
	if sender == "" {
		return false
	}
	if note.passwordless() {
		return true // the event of a sender trigger is about a code
	}
	by := caller.From(ctx)
	n.later(ctx, note.about(), func(ctx context.Context) error {
		err := note.discreet(n.leave(caller.With(ctx, by), note, sender))
		n.failed(note.Pool, note.about(), err)
		return err
	})
	return true
}

// leave asks the operator's own sender to deliver the note.
func (n *Notifier) leave(ctx context.Context, note Note, sender trigger.Trigger) error {
	call := note.call(ctx, sender)
	request := trigger.CustomSenderRequest{
		Code: note.Code, UserAttributes: note.attributes(), ClientMetadata: note.Metadata,
	}
	if sender == trigger.CustomSMSSender {
		return n.Triggers.CustomSMSSender(ctx, call, request)
	}
	return n.Triggers.CustomEmailSender(ctx, call, request)
}

// call is the call of a trigger about the note. The occasions of the triggers are the reasons of messages.
func (note Note) call(ctx context.Context, t trigger.Trigger) trigger.Call {
	clientID := ""
	if note.Client != nil {
		clientID = note.Client.ID
	}
	return trigger.CallFrom(ctx, note.Pool, clientID, note.User.Username, t.On(trigger.Occasion(note.Reason)))
}

// attributes are the userAttributes of events about the note. Functions send to the contact that they find there, so it is the one that the
// note is for, also while the user keeps another one until this is verified: whoever reads the old one proves nothing about the new one.
func (note Note) attributes() map[string]string {
	a := trigger.UserAttributes(note.Pool, note.User)
	if a[note.Contact] != note.To {
		a[note.Contact], a[user.VerifiedName(note.Contact)] = note.To, "false"
	}
	return a
}

// about is the message of the note, without its words.
func (note Note) about() message.Message {
	m := message.Message{
		Medium: MediumOf(note.Contact), To: note.To, Code: note.Code, PoolID: note.Pool.ID, Username: note.User.Username, Reason: note.Reason,
	}
	if note.Reason == message.AdminCreateUser {
		m.Username = note.User.SignInName(note.Pool, note.Contact)
	}
	if e := note.Pool.Settings.EmailConfiguration; e != nil {
		m.From, m.ReplyTo = e.From, e.ReplyToEmailAddress
	}
	return m
}

// compose puts the note into words: the pool's, or those of the CustomMessage trigger.
func (n *Notifier) compose(ctx context.Context, note Note, w *words) (message.Message, error) {
	m, link := note.about(), n.link(note)
	t, err := w.of(ctx, note, templates(note.Pool).Pick(m.Medium, m.Reason, link != ""))
	if err != nil {
		return message.Message{}, err
	}
	if err := note.unsuited(t); err != nil {
		return message.Message{}, err
	}
	return t.Render(m, link), nil
}

// MediumOf returns how the contact is reached.
func MediumOf(contact string) message.Medium {
	if contact == pool.Phone {
		return message.SMS
	}
	return message.Email
}

// Details shows where a message to the contact goes, masked.
func Details(contact, value string) *wire.CodeDeliveryDetailsType {
	return &wire.CodeDeliveryDetailsType{AttributeName: contact, DeliveryMedium: string(MediumOf(contact)), Destination: Mask(contact, value)}
}

// Mask hides most of an address.
func Mask(contact, value string) string { return message.Mask(MediumOf(contact), value) }
