package dev

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/cenote-id/cenote/internal/trigger"
)

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
		render(w, "triggers.html", struct {
			Version string
			Events  []event
		}{tag, events})
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
