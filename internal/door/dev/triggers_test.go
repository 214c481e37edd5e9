package dev_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/internal/door/dev"
	"github.com/cenote-id/cenote/internal/trigger"
)

// newTriggerSite is a site with records, on which every replay fails as the function would.
func newTriggerSite() (site, *trigger.Records) {
	var records *trigger.Records
	replay := func(_ context.Context, old trigger.Record) (trigger.Record, error) {
		if old.Source == "gone" {
			return trigger.Record{}, errors.New("the caller has left")
		}
		again := trigger.Record{Source: old.Source, Request: old.Request, ReplayOf: old.ID, Error: "it threw"}
		return records.Record(again), errors.New("it threw")
	}
	keys := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })
	s := open(dev.Door{Replay: replay, Keys: keys})
	records = s.records
	return s, records
}

func TestEventsAsJSONHaveExactlyTheContractsMembersNewestFirst(t *testing.T) {
	t.Parallel()
	s, records := newTriggerSite()
	if got := read(t, s.ask(t, "GET", "/_cenote/triggers", "", "Accept", asJSON)); got != "[]\n" {
		t.Errorf("without events: %s", got)
	}
	old := records.Record(trigger.Record{
		Time: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), Trigger: trigger.PreSignUp, Source: trigger.PreSignUpSignUp, Function: "arn:f",
		Request: json.RawMessage(`{"a":1}`), Answer: json.RawMessage(`{"b":2}`), Attempts: 1, Duration: 1500 * time.Millisecond,
	})
	res := s.ask(t, "GET", "/_cenote/triggers", "", "Accept", asJSON)
	var got []map[string]any
	if err := json.Unmarshal([]byte(read(t, res)), &got); err != nil {
		t.Fatal(err)
	}
	want := []map[string]any{{
		"id": old.ID, "time": "2026-03-01T12:00:00Z", "trigger": "PreSignUp", "source": "PreSignUp_SignUp", "function": "arn:f",
		"request": map[string]any{"a": 1.0}, "answer": map[string]any{"b": 2.0}, "attempts": 1.0, "milliseconds": 1500.0,
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	tag := res.Header.Get("ETag")
	if res := s.ask(t, "GET", "/_cenote/triggers", "", "Accept", asJSON, "If-None-Match", tag); res.StatusCode != http.StatusNotModified {
		t.Errorf("asked again: %s", res.Status)
	}
	if res := s.ask(t, "DELETE", "/_cenote/triggers", ""); res.StatusCode != http.StatusNoContent || len(records.All()) > 0 {
		t.Errorf("DELETE: %s", res.Status)
	}
}

func TestAReplayAnswersTheNewRecord(t *testing.T) {
	t.Parallel()
	s, records := newTriggerSite()
	old := records.Record(trigger.Record{Source: "s", Request: json.RawMessage(`{}`)})
	gone := records.Record(trigger.Record{Source: "gone", Request: json.RawMessage(`{}`)})
	res := s.ask(t, "POST", "/_cenote/triggers/"+old.ID+"/replay", "")
	var got map[string]any
	if err := json.Unmarshal([]byte(read(t, res)), &got); err != nil || res.StatusCode != http.StatusOK ||
		got["replayOf"] != old.ID || got["error"] != "it threw" || got["id"] == old.ID {
		t.Errorf("%s, %v, %v", res.Status, got, err)
	}
	for path, want := range map[string]int{"nothing": http.StatusNotFound, gone.ID: http.StatusBadGateway} {
		if res := s.ask(t, "POST", "/_cenote/triggers/"+path+"/replay", ""); res.StatusCode != want {
			t.Errorf("%s: %s, want %d", path, res.Status, want)
		}
	}
}

func TestPageShowsEventsAndTrustsNothing(t *testing.T) {
	t.Parallel()
	s, records := newTriggerSite()
	records.Record(trigger.Record{
		Source: "<script>alert(1)</script>", Function: `"><img src=x onerror=alert(2)>`, Error: "<b>", Attempts: 3,
		Request: json.RawMessage(`{"userName":"</pre><script>alert(3)</script>"}`), Answer: json.RawMessage(`{"errorMessage":"</pre>"}`),
	})
	res := s.ask(t, "GET", "/_cenote/triggers", "", "Accept", "text/html")
	page := read(t, res)
	if n := strings.Count(page, "<script"); n != 1 {
		t.Errorf("%d scripts in the page, want its own only", n)
	}
	for _, unwanted := range []string{"<img", "<b>", "http://", "https://", "ZgotmplZ"} {
		if strings.Contains(page, unwanted) {
			t.Errorf("the page contains %q", unwanted)
		}
	}
	for _, wanted := range []string{"3 attempts", "&#34;userName&#34;: &#34;&lt;/pre&gt;", `href="/_cenote/inbox"`} {
		if !strings.Contains(page, wanted) {
			t.Errorf("the page lacks %q", wanted)
		}
	}
	if policy := res.Header.Get("Content-Security-Policy"); !strings.HasPrefix(policy, "default-src 'none';") || strings.Contains(policy, "unsafe") {
		t.Errorf("policy %s", policy)
	}
}

func TestEventsAndKeysAreForThisMachineOnly(t *testing.T) {
	t.Parallel()
	s, records := newTriggerSite()
	record := records.Record(trigger.Record{Request: json.RawMessage(`{}`)})
	for _, path := range []string{"GET /_cenote/triggers", "DELETE /_cenote/triggers", "POST /_cenote/triggers/" + record.ID + "/replay", "POST /_cenote/kms", "POST /_cenote/kms/"} {
		method, path, _ := strings.Cut(path, " ")
		for name, value := range map[string]string{"Host": "evil.example", "Origin": "https://evil.example"} {
			if res := s.ask(t, method, path, "", name, value); res.StatusCode != http.StatusForbidden {
				t.Errorf("%s %s with %s: %s", method, path, name, res.Status)
			}
		}
	}
	for _, path := range []string{"/_cenote/kms", "/_cenote/kms/"} {
		if res := s.ask(t, "POST", path, ""); res.StatusCode != http.StatusTeapot {
			t.Errorf("%s: %s", path, res.Status)
		}
	}
}
