package message_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/cenote-id/cenote/internal/message"
)

func letter() message.Message {
	return message.Message{Medium: message.Email, To: "alice@example.com", Code: "493817", Body: "493817", Reason: message.ForgotPassword}
}

func TestDispatcherSendsAllThatIsQueuedBeforeItDrains(t *testing.T) {
	t.Parallel()
	inbox := message.NewInbox()
	var log bytes.Buffer
	d := message.NewDispatcher(slog.New(slog.NewTextHandler(&log, nil)))
	send := func(ctx context.Context) error { return inbox.Send(ctx, letter()) }
	for i := range 200 {
		d.Do(to("a", fmt.Sprint(i)), send)
	}
	if err := d.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := len(inbox.Messages("")); got != 200 {
		t.Errorf("%d messages sent, want 200", got)
	}
	d.Do(letter(), send)
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

// stuck is a send that does not end by itself.
func stuck(ctx context.Context) error {
	<-ctx.Done()
	return ctx.Err()
}

func TestDispatcherDoesNotWaitForTheTransport(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		d := message.NewDispatcher(slog.New(slog.NewTextHandler(&log, nil)))
		const many = 12_000
		for i := range many {
			d.Do(to("a", fmt.Sprint("alice", i)), stuck) // would deadlock if it waited
		}
		for range 100 {
			d.Do(to("b", "alice"), stuck)
		}
		synctest.Wait()
		for _, want := range []string{"too many are waiting", "too many to this destination"} {
			if !strings.Contains(log.String(), want) {
				t.Errorf("the log lacks %q", want)
			}
		}
		over, cancel := context.WithCancel(t.Context())
		cancel()
		if err := d.Drain(over); !errors.Is(err, context.Canceled) {
			t.Errorf("Drain = %v, want context.Canceled", err)
		}
		if lines := strings.Count(log.String(), "\n"); lines != many+100 {
			t.Errorf("%d lines in the log, want one for each undelivered message", lines)
		}
		if strings.Contains(log.String(), "493817") || strings.Contains(log.String(), "alice") {
			t.Errorf("the log tells the code or the destination")
		}
	})
}

func to(pool, destination string) message.Message {
	m := letter()
	m.PoolID, m.To = pool, destination
	return m
}

func TestAHangingPoolDelaysNoOther(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := message.NewDispatcher(slog.New(slog.DiscardHandler))
		for i := range 500 {
			d.Do(to("a", fmt.Sprint(i)), stuck)
		}
		sent := false
		d.Do(to("b", "bob@example.com"), func(context.Context) error { sent = true; return nil })
		synctest.Wait()
		if !sent {
			t.Error("the message of another pool waits behind those of a pool that hangs")
		}
		cutOff(t, d)
	})
}

func TestAHangingDestinationDelaysNoOther(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := message.NewDispatcher(slog.New(slog.DiscardHandler))
		for range 500 {
			d.Do(to("a", "ann@example.com"), stuck)
		}
		sent := false
		d.Do(to("a", "bob@example.com"), func(context.Context) error { sent = true; return nil })
		synctest.Wait()
		if !sent {
			t.Error("the message to another destination waits behind those to one that hangs")
		}
		cutOff(t, d)
	})
}

func TestAFullQueueDropsWhatFillsIt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		d := message.NewDispatcher(slog.New(slog.NewTextHandler(&log, nil)))
		for i := range 15_000 {
			d.Do(to("flood", fmt.Sprint(i)), stuck)
		}
		for i := range 100 { // more than the workers of a pool: some have to wait
			d.Do(to("quiet", fmt.Sprint(i)), stuck)
		}
		synctest.Wait()
		if strings.Contains(log.String(), "pool=quiet") || !strings.Contains(log.String(), "pool=flood") {
			t.Error("messages of a quiet pool are dropped because another floods the queue")
		}
		lost := strings.Count(log.String(), "message dropped: too many are waiting")
		if got := d.Dropped(); lost == 0 || got != int64(lost) {
			t.Errorf("%d messages count as dropped, the log has %d", got, lost)
		}
		waiting := d.Pending()
		cutOff(t, d)
		synctest.Wait()
		if got := d.Dropped() - int64(lost); got <= 0 || got >= int64(waiting) { // those under way have been tried
			t.Errorf("of %d messages that were cut off, %d count as dropped", waiting, got)
		}
	})
}

func TestADestinationGetsItsMessagesInOrder(t *testing.T) {
	t.Parallel()
	d := message.NewDispatcher(slog.New(slog.DiscardHandler))
	var got []int // needs no lock: one at a time
	for i := range 50 {
		d.Do(to("a", "ann@example.com"), func(context.Context) error { got = append(got, i); return nil })
	}
	if err := d.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(got) != 50 || !slices.IsSorted(got) {
		t.Errorf("sent %v", got)
	}
}

// cutOff ends a dispatcher whose sends hang.
func cutOff(t *testing.T, d *message.Dispatcher) {
	t.Helper()
	over, cancel := context.WithCancel(t.Context())
	cancel()
	if err := d.Drain(over); !errors.Is(err, context.Canceled) {
		t.Errorf("Drain = %v, want context.Canceled", err)
	}
}

func TestDispatcherSurvivesFailuresAndPanics(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	d := message.NewDispatcher(slog.New(slog.NewTextHandler(&log, nil)))
	d.Do(to("panic", "eve@example.com"), func(context.Context) error { panic("code 493817") })
	d.Do(letter(), func(context.Context) error { return errors.New("mailbox unavailable") })
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
