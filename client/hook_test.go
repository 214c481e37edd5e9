package client_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/cenote-id/cenote/internal/cenotetest"
)

var hookARN = "arn:aws:lambda:us-east-1:000000000000:function:hook"

// hook stands for the functions of a pool.
type hook struct {
	url     string
	mu      sync.Mutex
	answers map[string]func(event) any
	events  map[string]event // the last of each source
}

type event struct {
	Source  string         `json:"triggerSource"`
	Request map[string]any `json:"request"`
}

func newHook(t testing.TB) *hook {
	t.Helper()
	h := &hook{answers: map[string]func(event) any{}, events: map[string]event{}}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var whole map[string]any
		if err := json.NewDecoder(r.Body).Decode(&whole); err != nil {
			t.Error(err)
		}
		var e event
		e.Source, _ = whole["triggerSource"].(string)
		e.Request, _ = whole["request"].(map[string]any)
		h.mu.Lock()
		h.events[e.Source] = e
		answer := h.answers[e.Source]
		h.mu.Unlock()
		if answer != nil {
			whole["response"] = answer(e)
		}
		_ = json.NewEncoder(w).Encode(whole)
	}))
	t.Cleanup(srv.Close)
	h.url = srv.URL
	return h
}

func (h *hook) options() cenotetest.Options {
	return cenotetest.Options{Triggers: map[string]string{hookARN: h.url}}
}

func (h *hook) answer(source string, f func(event) any) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.answers[source] = f
}

func (h *hook) seen(t testing.TB, source string) event {
	t.Helper()
	h.mu.Lock()
	defer h.mu.Unlock()
	e, ok := h.events[source]
	if !ok {
		t.Fatalf("the function was not asked %s", source)
	}
	return e
}
