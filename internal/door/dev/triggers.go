package dev

import (
	"bytes"
	"context"
	"crypto/rand"
	_ "embed"
	"encoding/json"
	"html/template"
	"net/http"
	"time"

	"github.com/cenote-id/cenote/internal/trigger"
)

// TriggerRoutes mounts the record of what functions were asked, and the keys with which they open codes:
//
//	GET    /_cenote/triggers              a page for people, or with Accept: application/json an array, newest first
//	DELETE /_cenote/triggers              forgets all: 204
//	POST   /_cenote/triggers/{id}/replay  sends the event to the function again: the new record
//	POST   /_cenote/kms                   as much of the KMS API as the AWS Encryption SDKs need
//
// Events hold what people typed, passwords among it; so the same rules hold as for Routes.
func TriggerRoutes(
	mux *http.ServeMux, records *trigger.Records, replay func(context.Context, trigger.Record) (trigger.Record, error), keys http.Handler,
	hosts ...string,
) {
	g := guard{hosts}
	h := triggerHandler{records, replay}
	mux.Handle("GET /_cenote/triggers", g.protect(http.HandlerFunc(h.list)))
	mux.Handle("DELETE /_cenote/triggers", g.protect(http.HandlerFunc(h.empty)))
	mux.Handle("POST /_cenote/triggers/{id}/replay", g.protect(http.HandlerFunc(h.again)))
	mux.Handle("POST /_cenote/kms", g.protect(keys))
	mux.Handle("POST /_cenote/kms/{$}", g.protect(keys)) // some clients end the path of an endpoint with a slash
	for _, path := range []string{"/_cenote/triggers", "/_cenote/triggers/{id}/replay"} {
		mux.Handle("OPTIONS "+path, g.protect(http.HandlerFunc(preflight)))
	}
}

type triggerHandler struct {
	records *trigger.Records
	replay  func(context.Context, trigger.Record) (trigger.Record, error)
}

// event is a record as tests and people read it. Its members are a contract.
type event struct {
	ID       string          `json:"id"`
	Time     time.Time       `json:"time"`
	Trigger  string          `json:"trigger"`
	Source   string          `json:"source"`
	Function string          `json:"function"`
	Request  json.RawMessage `json:"request"`          // the event
	Answer   json.RawMessage `json:"answer,omitempty"` // what the function returned, or {"errorMessage","errorType"}
	Error    string          `json:"error,omitempty"`  // what came of it, when nothing good did
	Attempts int             `json:"attempts"`
	Millis   int64           `json:"milliseconds"`
	ReplayOf string          `json:"replayOf,omitempty"`
}

func eventOf(r trigger.Record) event {
	return event{
		ID: r.ID, Time: r.Time.UTC(), Trigger: string(r.Trigger), Source: string(r.Source), Function: r.Function, Request: r.Request,
		Answer: r.Answer, Error: r.Error, Attempts: r.Attempts, Millis: r.Duration.Milliseconds(), ReplayOf: r.ReplayOf,
	}
}

// RequestText is the event in lines.
func (e event) RequestText() string { return indented(e.Request) }

// AnswerText is the answer in lines.
func (e event) AnswerText() string { return indented(e.Answer) }

func indented(text json.RawMessage) string {
	var out bytes.Buffer
	if json.Indent(&out, text, "", "  ") != nil {
		return string(text)
	}
	return out.String()
}

// list shows the records, to people as a page and to programs as JSON.
func (h triggerHandler) list(w http.ResponseWriter, r *http.Request) {
	all := h.records.All()
	events := make([]event, len(all))
	for i, record := range all {
		events[i] = eventOf(record)
	}
	tag := `"empty"`
	if len(events) > 0 {
		tag = `"` + events[0].ID + `"`
	}
	if !wantsJSON(r) {
		renderTriggers(w, tag, events)
		return
	}
	w.Header().Set("ETag", tag)
	if r.Header.Get("If-None-Match") == tag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	answer(w, http.StatusOK, events)
}

// empty forgets all records.
func (h triggerHandler) empty(w http.ResponseWriter, _ *http.Request) {
	h.records.Clear()
	w.WriteHeader(http.StatusNoContent)
}

// again asks a function once more what it was asked. The answer changes nothing but the record, and a function that fails is no failure of
// the replay: it is what the new record tells.
func (h triggerHandler) again(w http.ResponseWriter, r *http.Request) {
	old, ok := h.records.Find(r.PathValue("id"))
	if !ok {
		refuse(w, http.StatusNotFound, "there is no event with this id")
		return
	}
	record, err := h.replay(r.Context(), old)
	if err != nil && record.Error == "" {
		refuse(w, http.StatusBadGateway, err.Error())
		return
	}
	answer(w, http.StatusOK, eventOf(record))
}

//go:embed triggers.html
var triggersHTML string

var triggersPage = template.Must(template.New("triggers").Parse(triggersHTML))

// renderTriggers writes the page. As that of the inbox, it has one style and one script, named by a nonce.
func renderTriggers(w http.ResponseWriter, tag string, events []event) {
	nonce := rand.Text()
	var page bytes.Buffer
	err := triggersPage.Execute(&page, struct {
		Nonce, Version string
		Events         []event
	}{nonce, tag, events})
	if err != nil {
		refuse(w, http.StatusInternalServerError, "the page cannot be shown")
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'nonce-"+nonce+"'; script-src 'nonce-"+nonce+"'; "+
		"connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	_, _ = page.WriteTo(w)
}
