package oauth_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/cenote-id/cenote/internal/caller"
	"github.com/cenote-id/cenote/internal/door"
	"github.com/cenote-id/cenote/internal/door/oauth"
)

func TestAPanicOfAnEndpointIsAnsweredAndCounted(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	var counted []string
	d := &oauth.Door{
		Log: slog.New(slog.NewTextHandler(&log, nil)), Now: func() time.Time { return now },
		PoolOf:  func(context.Context, string) (string, bool, error) { panic("boom") },
		Observe: func(_ context.Context, name, code string, _ time.Duration) { counted = append(counted, name+" "+code) },
	}
	mux := http.NewServeMux()
	d.Routes(mux)
	shown := ""
	a := ask(t, door.Recovery{Log: d.Log, ErrorPage: func(w http.ResponseWriter, r *http.Request, status int, _ string) {
		shown = caller.From(r.Context()).RequestID
		w.WriteHeader(status)
	}}.Handler(mux), http.MethodGet, "/logout")
	if a.status != http.StatusInternalServerError || shown == "" || shown != a.header.Get("X-Amz-Cognito-Request-Id") {
		t.Errorf("answered %d for request %q, the page tells %q", a.status, a.header.Get("X-Amz-Cognito-Request-Id"), shown)
	}
	if len(counted) != 1 || counted[0] != "OAuthLogout server_error" {
		t.Errorf("counted %q", counted)
	}
	if n := strings.Count(log.String(), "request="+shown); n != 2 { // the request, and the panic
		t.Errorf("%d lines for request %s:\n%s", n, shown, &log)
	}
}
