package pages

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/cenote-id/cenote/internal/authorize"
	"github.com/cenote-id/cenote/internal/door"
)

func TestAPanicOfAPageShowsTheErrorPage(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	d := &Door{
		Authorize: &authorize.Service{}, Log: slog.New(slog.NewTextHandler(&log, nil)),
		PoolOf: func(context.Context, string) (string, bool, error) { panic("boom") },
	}
	mux := http.NewServeMux()
	d.Routes(mux)
	w := httptest.NewRecorder()
	door.Recovery{ErrorPage: d.ShowError, Log: d.Log}.Handler(mux).ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/login", nil))
	id := w.Header().Get("X-Amz-Cognito-Request-Id")
	if w.Code != http.StatusInternalServerError || id == "" || !strings.Contains(w.Body.String(), "An error was encountered") || !strings.Contains(w.Body.String(), "Request "+id) {
		t.Errorf("answered %d for request %q:\n%s", w.Code, id, w.Body)
	}
	if policy := w.Header().Get("Content-Security-Policy"); !strings.Contains(policy, "default-src 'none'") {
		t.Errorf("policy %q", policy)
	}
	if line := log.String(); !strings.Contains(line, "boom") || !strings.Contains(line, "request="+id) {
		t.Errorf("the log does not tell the panic of request %s:\n%s", id, line)
	}
}
