package dev

import (
	"io"
	"mime"
	"net/http"
	"regexp"
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
	Link     string         `json:"link,omitempty"` // in place of a code to type in
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
		entries[i] = entry{m.ID, m.Time.UTC(), m.Medium, m.To, m.Subject, m.Body, m.Code, m.Link, m.PoolID, m.Username, m.Reason}
	}
	if !wantsJSON(r) {
		render(w, "inbox.html", struct {
			To, Version string
			Messages    []entry
		}{to, version(entries), entries})
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

// code responds with the newest code and nothing else, not even a newline: programs use the body as it is, as shells do.
func (h inboxHandler) code(w http.ResponseWriter, r *http.Request) {
	for _, m := range h.inbox.Messages(destination(r)) {
		if m.Code != "" {
			w.Header().Set("Content-Type", "text/plain; charset=utf-8")
			_, _ = io.WriteString(w, m.Code)
			return
		}
	}
	refuse(w, http.StatusNotFound, "no code was sent there")
}

// empty forgets all messages.
func (h inboxHandler) empty(w http.ResponseWriter, _ *http.Request) {
	if err := h.inbox.Clear(); err != nil {
		refuse(w, http.StatusInternalServerError, err.Error())
		return
	}
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
	scheme := "light dark"
	if ownColors.MatchString(m.Body) {
		scheme = "light"
	}
	_, _ = io.WriteString(w, `<!doctype html><base target="_blank"><style>:root{color-scheme:`+scheme+
		`;background:Canvas}body{font:16px system-ui,sans-serif;margin:.75rem}</style>`+m.Body)
}

// ownColors finds mails that choose colors themselves. Those were made for white paper; all others follow the reader's dark mode.
var ownColors = regexp.MustCompile(`(?i)color|background`)

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
