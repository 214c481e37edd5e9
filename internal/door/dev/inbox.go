package dev

import (
	"io"
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/cenote-id/cenote/internal/message"
)

type inboxHandler struct{ inbox *message.Inbox }

// entry is a message as tests read it. Its members are a contract.
type entry struct {
	ID       string         `json:"id"`
	Time     time.Time      `json:"time"`
	Medium   message.Medium `json:"medium"`
	To       string         `json:"to"`
	Subject  string         `json:"subject"`
	Body     string         `json:"body"`
	Code     string         `json:"code"`
	PoolID   string         `json:"poolId"`
	Username string         `json:"username"`
	Reason   message.Reason `json:"reason"`
}

// list shows the messages, to people as a page and to programs as JSON.
func (h inboxHandler) list(w http.ResponseWriter, r *http.Request) {
	to := destination(r)
	found := h.inbox.Messages(to)
	entries := make([]entry, len(found))
	for i, m := range found {
		entries[i] = entry{m.ID, m.Time.UTC(), m.Medium, m.To, m.Subject, m.Body, m.Code, m.PoolID, m.Username, m.Reason}
	}
	if !wantsJSON(r) {
		render(w, to, entries)
		return
	}
	// The page asks every second; as long as the newest message is the same, nothing travels.
	tag := version(entries)
	w.Header().Set("ETag", tag)
	if r.Header.Get("If-None-Match") == tag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	answer(w, http.StatusOK, entries)
}

// empty forgets all messages.
func (h inboxHandler) empty(w http.ResponseWriter, _ *http.Request) {
	h.inbox.Clear()
	w.WriteHeader(http.StatusNoContent)
}

// show serves the HTML of one e-mail for the page's frames. It comes from whoever wrote the pool's templates, so it is
// sandboxed: no script, no form, an origin of its own. Its links open outside of the frame.
func (h inboxHandler) show(w http.ResponseWriter, r *http.Request) {
	m, ok := h.inbox.Message(r.PathValue("id"))
	if !ok || m.Medium != message.Email {
		refuse(w, http.StatusNotFound, "there is no e-mail with this id")
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; img-src data: https:; "+
		"frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox")
	_, _ = io.WriteString(w, `<!doctype html><base target="_blank"><style>body{font:16px system-ui,sans-serif;margin:0}</style>`+m.Body)
}

// destination reads ?to=. A plus in a query means a space, which neither a phone number nor an address has, so that
// ?to=+15551234567 is taken as it was meant.
func destination(r *http.Request) string {
	return strings.ReplaceAll(r.URL.Query().Get("to"), " ", "+")
}

// version names a list by its newest message: the others only ever go when a new one comes, or all at once.
func version(entries []entry) string {
	if len(entries) == 0 {
		return `"empty"`
	}
	return `"` + entries[0].ID + `"`
}

// wantsJSON reports whether the request accepts JSON by name, and does not also accept HTML by name, as browsers do.
func wantsJSON(r *http.Request) bool {
	asked := false
	for _, accepted := range r.Header.Values("Accept") {
		for part := range strings.SplitSeq(accepted, ",") {
			switch kind, _, _ := mime.ParseMediaType(part); kind {
			case "application/json":
				asked = true
			case "text/html":
				return false
			}
		}
	}
	return asked
}
