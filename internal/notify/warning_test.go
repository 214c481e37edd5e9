package notify

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/internal/message"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/user"
)

// warned sends a warning to an inbox and returns the letter.
func warned(t *testing.T, w Warning) message.Message {
	t.Helper()
	inbox := message.NewInbox()
	router := &message.Router{Inbox: inbox, Now: func() time.Time { return time.Unix(0, 0) }}
	n := &Notifier{Messages: router, Later: message.NewDispatcher(slog.New(slog.DiscardHandler))}
	w.Pool = &pool.Pool{ID: "us-east-1_Abcdefghi"}
	w.User = &user.User{Username: `<ann>`, Attributes: user.Attributes{"email": "ann@example.com"}}
	n.Warn(t.Context(), w)
	if err := n.Later.Drain(context.WithoutCancel(t.Context())); err != nil {
		t.Fatal(err)
	}
	found := inbox.Messages("ann@example.com")
	if len(found) != 1 {
		t.Fatalf("%d letters", len(found))
	}
	return found[0]
}

func TestAWarningIsFilledIn(t *testing.T) {
	t.Parallel()
	facts := map[string]string{"username": `<ann>`, "device-name": `{event-id}`, "event-id": "7", "one-click-link-valid": "https://x/?a=1&b=2"}
	for _, tc := range []struct {
		name             string
		html, text       string
		wantBody, wantIn string
	}{
		{
			"both forms", `<a href="{one-click-link-valid}">{username}</a>`, "{username} {one-click-link-valid} {unknown}",
			`<a href="https://x/?a=1&amp;b=2">&lt;ann&gt;</a>`, "<ann> https://x/?a=1&b=2 {unknown}",
		},
		{"plain text alone becomes HTML", "", "{username}\n{event-id}", "<p>&lt;ann&gt;<br>7</p>", "<ann>\n7"},
		{"a fact is no template", "{device-name}", "", "{event-id}", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			m := warned(t, Warning{Subject: "For {username}", HTML: tc.html, Text: tc.text, From: "guard@example.com", Facts: facts})
			if diff := cmp.Diff([]string{"For <ann>", tc.wantBody, tc.wantIn, "guard@example.com"}, []string{m.Subject, m.Body, m.Text, m.From}); diff != "" {
				t.Errorf("letter (-want +got):\n%s", diff)
			}
		})
	}
}

func TestACustomSenderIsToldTheFacts(t *testing.T) {
	t.Parallel()
	w := Warning{User: &user.User{Username: "ann"}, Action: "BLOCK", Facts: map[string]string{"username": "ann", "ip-address": "192.0.2.1", "login-time": "now"}}
	want := map[string]string{"USER_NAME": "ann", "ACCOUNT_TAKE_OVER_ACTION": "BLOCK", "IP_ADDRESS": "192.0.2.1", "LOGIN_TIME": "now"}
	if diff := cmp.Diff(want, w.told()); diff != "" {
		t.Errorf("attributes (-want +got):\n%s", diff)
	}
}
