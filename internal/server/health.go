package server

import (
	"io"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/cenote-id/cenote/internal/operate"
)

// health is whether this node should get requests. That is decided when somebody asks, by when the database was last seen well: no loop
// that hangs can keep a node ready.
type health struct {
	limit    time.Duration // how long the database may stay away: as long as requests wait for it
	begun    time.Time
	database string       // its id
	seen     atomic.Int64 // when the database was last well, in nanoseconds since begun; 0 for never
	stopping atomic.Bool
}

func newHealth(limit time.Duration) *health { return &health{limit: limit, begun: time.Now()} }

// well notes that the database can be read and changed.
func (h *health) well() { h.seen.Store(int64(time.Since(h.begun))) }

// stop makes the node unready for good.
func (h *health) stop() { h.stopping.Store(true) }

func (h *health) ready() bool {
	seen := time.Duration(h.seen.Load())
	return seen > 0 && time.Since(h.begun)-seen < h.limit && !h.stopping.Load()
}

// routes mounts /healthz, which answers as long as the process does, and /readyz, which also wants the database and no stop under way.
func (h *health) routes(mux *http.ServeMux) {
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { h.say(w, http.StatusOK, "ok\n") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) {
		if !h.ready() {
			h.say(w, http.StatusServiceUnavailable, "not ready\n")
			return
		}
		h.say(w, http.StatusOK, "ok\n")
	})
}

// closing has the last answers on each connection say that it closes, once the node is stopping: clients and proxies then make their
// next one, to another node.
func (h *health) closing(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if h.stopping.Load() {
			w.Header().Set("Connection", "close")
		}
		next.ServeHTTP(w, r)
	})
}

func (h *health) say(w http.ResponseWriter, status int, text string) {
	w.Header().Set(operate.DatabaseHeader, h.database)
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text) // fails only when the client is gone
}
