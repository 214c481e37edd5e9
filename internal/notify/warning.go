package notify

import (
	"context"
	"html"
	"maps"
	"strings"

	"github.com/cenote-id/cenote/internal/message"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/trigger"
	"github.com/cenote-id/cenote/internal/user"
)

// Warning is a notice about a sign-in that looks like somebody else's.
type Warning struct {
	Pool          *pool.Pool
	Client        *pool.Client
	User          *user.User
	From, ReplyTo string // of the risk configuration; empty: as other mail
	Subject       string
	HTML, Text    string            // either may be empty; both are templates with {name} for each of the facts
	Action        string            // what was done: BLOCK, MFA_REQUIRED, MFA_IF_CONFIGURED or NO_ACTION
	Facts         map[string]string // ip-address, city, country, login-time, device-name, the two one-click-links, event-id, ...
}

// Warn mails the warning to the user's address behind the answer, or hands it to the operator's own sender where the pool has one.
// Failures go to the log.
func (n *Notifier) Warn(ctx context.Context, w Warning) {
	m := message.Message{
		Medium: message.Email, To: w.User.Attributes[pool.Email], PoolID: w.Pool.ID, Username: w.User.Username, Reason: message.AccountTakeOver,
		From: w.From, ReplyTo: w.ReplyTo,
	}
	if n.Triggers.Has(w.Pool, trigger.CustomEmailSender) {
		clientID := ""
		if w.Client != nil {
			clientID = w.Client.ID
		}
		call := trigger.CallFrom(ctx, w.Pool, clientID, w.User.Username, trigger.CustomEmailSender.On(trigger.OnAccountTakeOver))
		request := trigger.CustomSenderRequest{UserAttributes: w.told()}
		n.later(ctx, m, func(ctx context.Context) error {
			if err := n.Budget.spend(ctx, w.Pool.ID, user.Subject(w.User.ID), m.To, user.SendNotice); err != nil {
				return err
			}
			err := message.WithoutSecrets(n.Triggers.CustomEmailSender(ctx, call, request), m, w.Facts["feedback-token"])
			n.failed(w.Pool, m, err)
			return err
		})
		return
	}
	if e := w.Pool.Settings.EmailConfiguration; e != nil && m.From == "" {
		m.From, m.ReplyTo = e.From, e.ReplyToEmailAddress
	}
	m.Subject = w.fill(w.Subject, plain) // the transport makes one line of it
	m.Text = w.fill(w.Text, plain)
	m.Body = w.fill(w.HTML, html.EscapeString)
	if w.HTML == "" {
		m.Body = "<p>" + strings.ReplaceAll(html.EscapeString(m.Text), "\n", "<br>") + "</p>"
	}
	n.later(ctx, m, func(ctx context.Context) error {
		if err := n.Budget.spend(ctx, w.Pool.ID, user.Subject(w.User.ID), m.To, user.SendNotice); err != nil {
			return err
		}
		err := n.Messages.Send(ctx, m)
		n.failed(w.Pool, m, err)
		return err
	})
}

func plain(s string) string { return s }

// fill puts the facts into a template, in one go: what a fact says is not looked at again.
func (w Warning) fill(template string, escape func(string) string) string {
	var pairs []string
	for name, value := range w.Facts {
		pairs = append(pairs, "{"+name+"}", escape(value))
	}
	return strings.NewReplacer(pairs...).Replace(template)
}

// told returns what a custom sender is told (observed): the facts, under names of its own.
func (w Warning) told() map[string]string {
	told := map[string]string{"USER_NAME": w.User.Username, "ACCOUNT_TAKE_OVER_ACTION": w.Action}
	facts := maps.Clone(w.Facts)
	delete(facts, "username")
	for name, value := range facts {
		told[strings.ToUpper(strings.ReplaceAll(name, "-", "_"))] = value
	}
	return told
}
