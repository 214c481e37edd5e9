package server

import (
	"io"
	"net/http"
	"sync/atomic"
)

// health is whether this node should get requests. The zero value says no.
type health struct{ ready atomic.Bool }

// set tells the state and reports whether it was another one before.
func (h *health) set(ready bool) (changed bool) { return h.ready.Swap(ready) != ready }

// routes mounts /healthz, which answers as long as the process does, and /readyz, which also wants the database and no stop under way.
func (h *health) routes(mux *http.ServeMux) {
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { say(w, http.StatusOK, "ok\n") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) {
		if !h.ready.Load() {
			say(w, http.StatusServiceUnavailable, "not ready\n")
			return
		}
		say(w, http.StatusOK, "ok\n")
	})
}

func say(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text) // fails only when the client is gone
}
