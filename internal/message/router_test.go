package message_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/internal/message"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func now() time.Time { return noon }

func TestRouterSendsByTheMedium(t *testing.T) {
	t.Parallel()
	email, sms := message.NewInbox(), message.NewInbox()
	r := &message.Router{Email: email, SMS: sms, Now: now}
	for _, m := range []message.Message{{Medium: message.Email, ID: "given"}, {Medium: message.SMS, Time: noon.Add(time.Hour)}} {
		if err := r.Send(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
	mail, text := email.Messages(""), sms.Messages("")
	if len(mail) != 1 || len(text) != 1 {
		t.Fatalf("%d mails and %d text messages, want one of each", len(mail), len(text))
	}
	if mail[0].ID != "given" || !mail[0].Time.Equal(noon) {
		t.Errorf("mail has id %q, time %s", mail[0].ID, mail[0].Time)
	}
	if text[0].ID == "" || !text[0].Time.Equal(noon.Add(time.Hour)) {
		t.Errorf("text message has id %q, time %s", text[0].ID, text[0].Time)
	}
}

func TestRouterWithoutATransportSaysSo(t *testing.T) {
	t.Parallel()
	r := &message.Router{Email: message.NewInbox(), Now: now}
	if err := r.Send(t.Context(), message.Message{Medium: message.SMS}); !errors.Is(err, message.ErrNoTransport) {
		t.Errorf("Send = %v, want ErrNoTransport", err)
	}
}

func TestAnInboxGetsACopyAndNeedsNoTransport(t *testing.T) {
	t.Parallel()
	inbox, email := message.NewInbox(), message.NewInbox()
	r := &message.Router{Email: email, Inbox: inbox, Now: now}
	for _, medium := range []message.Medium{message.Email, message.SMS} {
		if err := r.Send(t.Context(), message.Message{Medium: medium}); err != nil {
			t.Fatal(err)
		}
	}
	kept := inbox.Messages("")
	if len(kept) != 2 {
		t.Fatalf("inbox has %d messages, want 2", len(kept))
	}
	if diff := cmp.Diff([]string{kept[1].ID}, ids(email.Messages(""))); diff != "" {
		t.Errorf("the transport got another message than the inbox (-want +got):\n%s", diff)
	}
}
