package notify

import (
	"cmp"
	"context"

	"github.com/cenote-id/cenote/internal/message"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/trigger"
)

// words asks the CustomMessage trigger for the words of notes to one user for one reason: once, whatever the number of media.
type words struct {
	ask  *trigger.Runner
	done bool
	res  trigger.CustomMessageResponse
}

// of returns the words of a note: the template of the pool, with what the function put in its place. The function is not asked where there
// is no code: its answer would have to have the placeholder of one.
func (w *words) of(ctx context.Context, note Note, t message.Template) (message.Template, error) {
	if note.passwordless() || !w.ask.Has(note.Pool, trigger.CustomMessage) {
		return t, nil
	}
	if !w.done {
		res, err := w.ask.CustomMessage(ctx, note.call(ctx, trigger.CustomMessage), trigger.CustomMessageRequest{
			UserAttributes: note.attributes(), ClientMetadata: note.Metadata,
		})
		if err != nil {
			return t, err
		}
		w.res, w.done = res, true
	}
	occasion := trigger.Occasion(note.Reason)
	if MediumOf(note.Contact) == message.SMS {
		body, err := w.res.SMS(occasion)
		t.Body = or(body, t.Body)
		return t, err
	}
	subject, body, err := w.res.Email(occasion, note.Client != nil && ConfirmsByLink(note.Pool))
	t.Subject, t.Body = or(subject, t.Subject), or(body, t.Body)
	return t, err
}

func or(given *string, otherwise string) string {
	if given != nil {
		return *given
	}
	return otherwise
}

// templates collects the pool's words.
func templates(p *pool.Pool) message.Templates {
	t := message.Templates{AuthSMS: p.Settings.SmsAuthenticationMessage}
	if s := p.Mfa.SMS; s != nil {
		t.AuthSMS = cmp.Or(s.SmsAuthenticationMessage, t.AuthSMS)
	}
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
