package message_test

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
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

func clear(t *testing.T, b *message.Inbox) {
	t.Helper()
	if err := b.Clear(); err != nil {
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
	clear(t, b)
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
	clear(t, b)
	keep(t, b, message.Message{ID: "new"})
	if diff := cmp.Diff([]string{"new"}, ids(b.Messages(""))); diff != "" {
		t.Errorf("after Clear (-want +got):\n%s", diff)
	}
}

func TestAnInboxWithAFileSurvives(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "inbox.jsonl")
	again := func() *message.Inbox {
		t.Helper()
		b := message.NewInbox()
		if err := b.Keep(path); err != nil {
			t.Fatal(err)
		}
		return b
	}
	b := again()
	for i := range 2345 {
		keep(t, b, message.Message{ID: strconv.Itoa(i), To: "a@example.com", Code: "123456"})
	}
	want := b.Messages("")
	if diff := cmp.Diff(want, again().Messages("")); diff != "" {
		t.Errorf("after a restart (-want +got):\n%s", diff)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if lines := strings.Count(string(text), "\n"); lines != 1000 {
		t.Errorf("the file has %d lines after a restart", lines)
	}
	if err := os.WriteFile(path, append(text, `{"ID":"cut o`...), 0o600); err != nil {
		t.Fatal(err)
	}
	b = again()
	if diff := cmp.Diff(want, b.Messages("")); diff != "" {
		t.Errorf("after a crash (-want +got):\n%s", diff)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	clear(t, b)
	if got := again().Messages(""); len(got) != 0 {
		t.Errorf("%d messages after Clear and a restart", len(got))
	}
}
