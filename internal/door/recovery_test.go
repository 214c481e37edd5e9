package door

import (
	"bytes"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/cenote-id/cenote/internal/caller"
)

// panics serves a handler behind a Recovery, and returns the answer with what is logged. Its error is that of a connection that ended.
func panics(t *testing.T, h http.HandlerFunc) (res *http.Response, body, log string, err error) {
	t.Helper()
	var lines bytes.Buffer
	c := Recovery{Log: slog.New(slog.NewTextHandler(&lines, nil)), ErrorPage: func(w http.ResponseWriter, r *http.Request, status int, text string) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, "error page "+text+caller.From(r.Context()).RequestID)
	}}
	srv := httptest.NewServer(c.Handler(h))
	srv.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	defer srv.Close()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, srv.URL+"/path?code=secret", nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err = srv.Client().Do(r)
	if err == nil {
		var content []byte
		content, err = io.ReadAll(res.Body)
		body = string(content)
		err = errors.Join(err, res.Body.Close())
	}
	srv.Close()
	return res, body, lines.String(), err
}

func TestAPanicIsAnsweredByTheErrorPage(t *testing.T) {
	t.Parallel()
	res, body, log, err := panics(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "3")
		w.Header().Set("X-Amz-Cognito-Request-Id", "id-of-the-endpoint")
		var m map[string]string
		m["a"] = "b" //nolint:staticcheck // the panic is the point
	})
	if err != nil || res.StatusCode != http.StatusInternalServerError || body != "error page id-of-the-endpoint" {
		t.Fatalf("answered %v, %q, %v", res, body, err)
	}
	for _, want := range []string{"level=ERROR", "path=/path ", "request=id-of-the-endpoint", "assignment to entry in nil map", "recovery_test.go"} {
		if !strings.Contains(log, want) {
			t.Errorf("the log lacks %q:\n%s", want, log)
		}
	}
	if strings.Contains(log, "secret") {
		t.Errorf("the log has the query:\n%s", log)
	}
}

func TestAPanicInTheMidstOfAnAnswerEndsTheConnection(t *testing.T) {
	t.Parallel()
	for name, begin := range map[string]func(w http.ResponseWriter){
		"a status": func(w http.ResponseWriter) { w.WriteHeader(http.StatusOK) },
		"a body":   func(w http.ResponseWriter) { _, _ = io.WriteString(w, "half") },
	} {
		_, body, log, err := panics(t, func(w http.ResponseWriter, _ *http.Request) {
			begin(w)
			panic("boom")
		})
		if err == nil || strings.Contains(body, "error page") || !strings.Contains(log, "boom") {
			t.Errorf("%s: answered %q, %v; logged\n%s", name, body, err, log)
		}
	}
}

func TestAnAbortedAnswerIsNoPanic(t *testing.T) {
	t.Parallel()
	if _, body, log, err := panics(t, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }); err == nil || log != "" {
		t.Errorf("answered %q, %v; logged\n%s", body, err, log)
	}
}
