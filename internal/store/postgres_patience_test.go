package store

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"testing"
	"time"
)

// The last attempt of many runs into the end of the time that they have together, which the dialer tells in its own words.
func TestTheLastRepetitionHidesNoError(t *testing.T) {
	t.Parallel()
	refusal := errors.New("the server's refusal")
	unknown := fmt.Errorf("%w: %w", ErrUnknownOutcome, os.ErrDeadlineExceeded)
	for name, c := range map[string]struct{ last, want error }{
		"the context tells":                  {fmt.Errorf("connect: %w", context.DeadlineExceeded), refusal},
		"the connection does":                {&net.OpError{Op: "dial", Err: os.ErrDeadlineExceeded}, refusal},
		"a commit whose answer did not come": {unknown, unknown},
	} {
		budget, cancel := context.WithTimeout(t.Context(), time.Second)
		attempts := 0
		asked, err := new(postgresEngine{counts: &counts{}}).repeat(budget, func(budget context.Context) (bool, error) {
			if attempts++; attempts == 1 {
				return true, refusal
			}
			<-budget.Done()
			return true, c.last
		})
		cancel()
		if !asked || !errors.Is(err, c.want) {
			t.Errorf("%s: got %v after %d attempts, want %v", name, err, attempts, c.want)
		}
	}
}

func TestAnInterruptedRepetitionSaysSo(t *testing.T) {
	t.Parallel()
	refusal := errors.New("the server's refusal")
	budget, cancel := context.WithCancel(t.Context())
	_, err := new(postgresEngine{counts: &counts{}}).repeat(budget, func(context.Context) (bool, error) {
		cancel()
		return true, refusal
	})
	if !errors.Is(err, context.Canceled) || !errors.Is(err, refusal) {
		t.Errorf("got %v, want that it was canceled, and why it waited", err)
	}
}
