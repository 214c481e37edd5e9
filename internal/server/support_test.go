package server_test

import (
	"context"
	"log/slog"
	"sync"
	"testing"

	"github.com/cenote-id/cenote/internal/server"
)

// run runs a server until the returned function is called, or the test ends. The function returns what Run did.
func run(t *testing.T, o server.Options) (*server.Server, func() error) {
	t.Helper()
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	s, err := server.New(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	stop := sync.OnceValue(func() error { cancel(); return <-ended })
	t.Cleanup(func() {
		if err := stop(); err != nil {
			t.Errorf("the server ended with: %v", err)
		}
	})
	return s, stop
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// contextThatEnded has a server stop as soon as it runs.
func contextThatEnded(t *testing.T) (context.Context, func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	cancel()
	return ctx, cancel
}
