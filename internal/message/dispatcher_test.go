package message_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/cenote-id/cenote/internal/message"
)

type senderFunc func(context.Context, message.Message) error

func (f senderFunc) Send(ctx context.Context, m message.Message) error { return f(ctx, m) }

func letter() message.Message {
	return message.Message{Medium: message.Email, To: "alice@example.com", Code: "493817", Body: "493817", Reason: message.ForgotPassword}
}

func TestDispatcherSendsAllThatIsQueuedBeforeItDrains(t *testing.T) {
	t.Parallel()
	inbox := message.NewInbox()
	var log bytes.Buffer
	d := message.NewDispatcher(inbox, slog.New(slog.NewTextHandler(&log, nil)))
	for range 200 {
		d.Go(letter())
	}
	if err := d.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := len(inbox.Messages("")); got != 200 {
		t.Errorf("%d messages sent, want 200", got)
	}
	d.Go(letter())
	if err := d.Drain(t.Context()); err != nil {
		t.Errorf("a second Drain = %v", err)
	}
	if got := len(inbox.Messages("")); got != 200 {
		t.Errorf("a message was sent after Drain")
	}
	if !strings.Contains(log.String(), "stopping") {
		t.Errorf("the dropped message is not in the log: %s", log.String())
	}
}

func TestDispatcherDoesNotWaitForTheTransport(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		stuck := senderFunc(func(ctx context.Context, _ message.Message) error {
			<-ctx.Done()
			return ctx.Err()
		})
		d := message.NewDispatcher(stuck, slog.New(slog.NewTextHandler(&log, nil)))
		for range 2000 {
			d.Go(letter()) // would deadlock if it waited
		}
		synctest.Wait()
		if !strings.Contains(log.String(), "too many are waiting") {
			t.Errorf("a full queue is not in the log")
		}
		over, cancel := context.WithCancel(t.Context())
		cancel()
		if err := d.Drain(over); !errors.Is(err, context.Canceled) {
			t.Errorf("Drain = %v, want context.Canceled", err)
		}
		if lines := strings.Count(log.String(), "\n"); lines != 2000 {
			t.Errorf("%d lines in the log, want one for each undelivered message", lines)
		}
		if strings.Contains(log.String(), "493817") || strings.Contains(log.String(), "alice") {
			t.Errorf("the log tells the code or the destination")
		}
	})
}

func TestDispatcherSurvivesFailuresAndPanics(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	d := message.NewDispatcher(senderFunc(func(_ context.Context, m message.Message) error {
		if m.PoolID == "panic" {
			panic(fmt.Sprint("code ", m.Code))
		}
		return errors.New("mailbox unavailable")
	}), slog.New(slog.NewTextHandler(&log, nil)))
	bad := letter()
	bad.PoolID = "panic"
	d.Go(bad)
	d.Go(letter())
	if err := d.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"transport panicked", "mailbox unavailable", "a***@e***"} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("the log lacks %q: %s", want, log.String())
		}
	}
	if strings.Contains(log.String(), "493817") {
		t.Errorf("the log tells the code: %s", log.String())
	}
}
