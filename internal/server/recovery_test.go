package server_test

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/cenote-id/cenote/internal/cenotetest"
	"github.com/cenote-id/cenote/internal/server"
)

// fragileLog panics at the line about a request.
type fragileLog struct{ slog.Handler }

func (l fragileLog) Handle(ctx context.Context, r slog.Record) error {
	if r.Message == "request" {
		panic("the log broke")
	}
	return l.Handler.Handle(ctx, r)
}

func TestAServerOutlivesAPanicOutsideTheOperationsAndLogsIt(t *testing.T) {
	t.Parallel()
	var log cenotetest.Output
	s, _ := run(t, server.Options{Config: cenotetest.Settings(t), Log: slog.New(fragileLog{slog.NewTextHandler(&log, nil)}), Dev: true, KeysOnDemand: true})
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+"/logout", nil)
	must(t, err)
	if res, err := http.DefaultClient.Do(r); err == nil {
		must(t, res.Body.Close())
		t.Errorf("an answer that was under way ends as usual: %s", res.Status)
	}
	for _, want := range []string{"handler panicked", "path=/logout", "request=", "the log broke", "recovery_test.go"} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("the log lacks %q:\n%s", want, log.String())
		}
	}
	if status, _ := cenotetest.Get(t, http.DefaultClient, s.URL+"/healthz"); status != http.StatusOK {
		t.Errorf("afterwards, /healthz answers %d", status)
	}
}
