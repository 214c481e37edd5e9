// Package dev serves what exists for tests and development only: an overview, an inbox of all messages, a clock that can be moved, and
// the record of what the functions behind triggers were asked.
//
// Everything lives under /_cenote/ and has no login. The codes in the inbox open accounts, so the handlers answer only requests that
// were addressed to this machine and that no foreign web page made; see Guard. Start with Door.Routes.
package dev

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/cenote-id/cenote/internal/clock"
	"github.com/cenote-id/cenote/internal/message"
	"github.com/cenote-id/cenote/internal/trigger"
)

// Door is what a development server has besides the API.
type Door struct {
	Guard    Guard
	Inbox    *message.Inbox
	Clock    *clock.Clock
	Moved    func(ctx context.Context, ahead time.Duration) error // keeps how far the clock is ahead; nil: nobody does
	Overview func(ctx context.Context) (Overview, error)
	Fork     func(ctx context.Context, poolID string) (Fork, error) // copies a pool; "" for the ready one. ErrNoPool when there is none
	Reset    func(ctx context.Context) error                        // takes the server back to its start
	Records  *trigger.Records
	Replay   func(context.Context, trigger.Record) (trigger.Record, error)
	Visits   func(ctx context.Context) ([]ProviderLog, error) // of the providers of all pools
	Keys     http.Handler                                     // as much of the KMS API as the AWS Encryption SDKs need
}

// Routes mounts the pages and what programs ask:
//
//	GET    /_cenote/                      pools, clients and users at a glance: a page, or with Accept: application/json the same for programs
//	GET    /_cenote/inbox                 a page for people, or with Accept: application/json an array, newest first; ?to= filters
//	DELETE /_cenote/inbox                 empties the inbox: 204
//	GET    /_cenote/inbox/{id}            the HTML of one e-mail, as the page shows it
//	GET    /_cenote/code?to=              the newest code that was sent there, as plain text
//	GET    /_cenote/clock                 the time of the server: {"now":"2026-03-01T12:00:00Z"}
//	POST   /_cenote/clock                 {"advance":"15m"} moves the clock: {"now":"2026-03-01T12:15:00Z"}
//	POST   /_cenote/fork                  {"poolId":"..."} copies a pool, or without a body the ready one: 201, see Fork
//	POST   /_cenote/reset                 takes everything back to what it was when the server started: 204
//	GET    /_cenote/providers             the last sign-ins by each identity provider, what they said and what became of it: a page, or JSON
//	GET    /_cenote/triggers              a page for people, or with Accept: application/json an array, newest first
//	DELETE /_cenote/triggers              forgets all: 204
//	POST   /_cenote/triggers/{id}/replay  sends the event to the function again: the new record
//	POST   /_cenote/kms                   the keys with which functions open codes
//
// Events of triggers hold what people typed, passwords among it.
func (d Door) Routes(mux *http.ServeMux) {
	box, records := inboxHandler{d.Inbox}, triggerHandler{d.Records, d.Replay}
	asked := map[string]bool{} // paths that pages on other ports ask with more than a plain GET
	for _, route := range []struct {
		method, path string
		handler      http.HandlerFunc
	}{
		{"GET", "/_cenote/{$}", d.home},
		{"GET", "/_cenote/inbox", box.list},
		{"DELETE", "/_cenote/inbox", box.empty},
		{"GET", "/_cenote/inbox/{id}", box.show},
		{"GET", "/_cenote/code", box.code},
		{"GET", "/_cenote/clock", d.now},
		{"POST", "/_cenote/clock", d.advance},
		{"POST", "/_cenote/fork", d.fork},
		{"POST", "/_cenote/reset", d.reset},
		{"GET", "/_cenote/providers", d.providers},
		{"GET", "/_cenote/triggers", records.list},
		{"DELETE", "/_cenote/triggers", records.empty},
		{"POST", "/_cenote/triggers/{id}/replay", records.again},
		{"POST", "/_cenote/kms", d.Keys.ServeHTTP},
		{"POST", "/_cenote/kms/{$}", d.Keys.ServeHTTP}, // some clients end the path of an endpoint with a slash
	} {
		mux.Handle(route.method+" "+route.path, d.Guard.protect(route.handler))
		if !asked[route.path] {
			asked[route.path] = true
			mux.Handle("OPTIONS "+route.path, d.Guard.protect(http.HandlerFunc(preflight)))
		}
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
