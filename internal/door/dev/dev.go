// Package dev serves what exists for tests and development only: an inbox of all messages, a clock that can be moved, and the record of
// what the functions behind triggers were asked.
//
// Everything lives under /_cenote/ and has no login. The codes in the inbox open accounts, so the handlers answer only
// requests that were addressed to this machine and that no foreign web page made; see guard. Start with Routes and
// TriggerRoutes.
package dev

import (
	"encoding/json"
	"net/http"

	"github.com/cenote-id/cenote/internal/clock"
	"github.com/cenote-id/cenote/internal/message"
)

// Routes mounts the inbox and the clock:
//
//	GET    /_cenote/inbox        a page for people, or with Accept: application/json an array, newest first; ?to= filters
//	DELETE /_cenote/inbox        empties the inbox: 204
//	GET    /_cenote/inbox/{id}   the HTML of one e-mail, as the page shows it
//	POST   /_cenote/clock        {"advance":"15m"} moves the clock: {"now":"2026-03-01T12:15:00Z"}
//
// Requests must be addressed to localhost, a loopback address or one of the host names given (without port).
// The listener should be on loopback all the same.
func Routes(mux *http.ServeMux, inbox *message.Inbox, clock *clock.Clock, hosts ...string) {
	g := guard{hosts}
	box := inboxHandler{inbox}
	mux.Handle("GET /_cenote/inbox", g.protect(http.HandlerFunc(box.list)))
	mux.Handle("DELETE /_cenote/inbox", g.protect(http.HandlerFunc(box.empty)))
	mux.Handle("GET /_cenote/inbox/{id}", g.protect(http.HandlerFunc(box.show)))
	mux.Handle("POST /_cenote/clock", g.protect(advance(clock)))
	for _, path := range []string{"/_cenote/inbox", "/_cenote/clock"} {
		mux.Handle("OPTIONS "+path, g.protect(http.HandlerFunc(preflight)))
	}
}

// answer writes a JSON document.
func answer(w http.ResponseWriter, status int, document any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(document) // the client has gone when this fails
}

// refuse answers {"error":"..."}.
func refuse(w http.ResponseWriter, status int, reason string) {
	answer(w, status, map[string]string{"error": reason})
}
