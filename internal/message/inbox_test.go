package message_test

import (
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/internal/message"
)

func ids(messages []message.Message) []string {
	found := []string{}
	for _, m := range messages {
		found = append(found, m.ID)
	}
	return found
}

func keep(t *testing.T, b *message.Inbox, m message.Message) {
	t.Helper()
	if err := b.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
}

func TestInboxShowsTheNewestFirstAndFiltersByDestination(t *testing.T) {
	t.Parallel()
	b := message.NewInbox()
	keep(t, b, message.Message{ID: "1", To: "a@example.com"})
	keep(t, b, message.Message{ID: "2", To: "+15550001111"})
	keep(t, b, message.Message{ID: "3", To: "A@Example.com"})
	for to, want := range map[string][]string{
		"": {"3", "2", "1"}, "a@example.com": {"3", "1"}, "+15550001111": {"2"}, "nobody@example.com": {},
	} {
		if diff := cmp.Diff(want, ids(b.Messages(to))); diff != "" {
			t.Errorf("Messages(%q) (-want +got):\n%s", to, diff)
		}
	}
	if m, ok := b.Message("2"); !ok || m.To != "+15550001111" {
		t.Errorf(`Message("2") = %v, %v`, m, ok)
	}
	b.Clear()
	if got := b.Messages(""); len(got) != 0 {
		t.Errorf("%d messages after Clear", len(got))
	}
	if _, ok := b.Message("2"); ok {
		t.Error("a message is still found after Clear")
	}
}

func TestInboxForgetsTheOldestPastAThousand(t *testing.T) {
	t.Parallel()
	b := message.NewInbox()
	for i := range 2345 {
		keep(t, b, message.Message{ID: strconv.Itoa(i)})
	}
	var want []string
	for i := 2344; i > 1344; i-- {
		want = append(want, strconv.Itoa(i))
	}
	if diff := cmp.Diff(want, ids(b.Messages(""))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	b.Clear()
	keep(t, b, message.Message{ID: "new"})
	if diff := cmp.Diff([]string{"new"}, ids(b.Messages(""))); diff != "" {
		t.Errorf("after Clear (-want +got):\n%s", diff)
	}
}
