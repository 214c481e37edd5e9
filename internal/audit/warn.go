package audit

import (
	"context"
	"net/url"
	"strings"

	"github.com/cenote-id/cenote/internal/caller"
	"github.com/cenote-id/cenote/internal/notify"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/wire"
)

// warn mails the user that a sign-in looked like somebody else's, with what was done about it.
func (g *Guard) warn(ctx context.Context, c Case, t *Trail, r *wire.RiskConfigurationType, done string) {
	n := r.AccountTakeoverRiskConfiguration.NotifyConfiguration
	if n == nil || c.User.Attributes[pool.Email] == "" {
		return
	}
	template := n.NoActionEmail
	switch {
	case done == "BLOCK":
		template = n.BlockEmail
	case strings.HasPrefix(done, "MFA"):
		template = n.MfaEmail
	}
	timeFormat := "Monday, January 02, 2006 03:04 PM UTC"
	if template == nil || template.HtmlBody == "" && template.TextBody == "" { // a subject alone tells nothing
		words := wordsFor(c.User.Attributes["locale"])
		own := words.notice(done)
		if template != nil {
			own.Subject = template.Subject
		}
		template = own
		if words.Language != "en" {
			timeFormat = "2006-01-02 15:04 UTC"
		}
	}
	by := caller.From(ctx).User()
	browser, system := by.Device()
	token := g.newFeedbackToken(c.Pool, c.User.ID, t.Event)
	link := func(value string) string {
		return g.PublicURL + "/feedback?" + url.Values{
			"user_pool_id": {c.Pool.ID}, "username": {c.User.Username}, "event_id": {t.Event}, "feedback_token": {token}, "value": {value},
		}.Encode()
	}
	g.Notify.Warn(ctx, notify.Warning{
		Pool: c.Pool, Client: c.Client, User: c.User, From: n.From, ReplyTo: n.ReplyTo,
		Subject: template.Subject, HTML: template.HtmlBody, Text: template.TextBody, Action: done,
		Facts: map[string]string{
			"username":               c.User.SignInName(c.Pool, pool.Email),
			"ip-address":             orUnknown(by.SourceIP),
			"city":                   "unknown",
			"country":                "unknown",
			"login-time":             g.Now().UTC().Format(timeFormat),
			"device-name":            orUnknown(strings.Trim(browser+", "+system, ", ")),
			"one-click-link-valid":   link("Valid"),
			"one-click-link-invalid": link("Invalid"),
			"event-id":               t.Event,
			"feedback-token":         token,
		},
	})
}

func orUnknown(text string) string {
	if text == "" {
		return "unknown"
	}
	return text
}
