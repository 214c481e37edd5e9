package dev_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/internal/clock"
	"github.com/cenote-id/cenote/internal/door/dev"
	"github.com/cenote-id/cenote/internal/message"
	"github.com/cenote-id/cenote/internal/trigger"
)

type site struct {
	*http.ServeMux
	inbox   *message.Inbox
	clock   *clock.Clock
	records *trigger.Records
}

func newSite(hosts ...string) site { return open(dev.Door{Guard: dev.Guard{Hosts: hosts}}) }

// open mounts a door, with what it lacks.
func open(d dev.Door) site {
	s := site{http.NewServeMux(), message.NewInbox(), clock.New(), trigger.NewRecords()}
	d.Inbox, d.Clock, d.Records = s.inbox, s.clock, s.records
	if d.Keys == nil {
		d.Keys = http.NotFoundHandler()
	}
	d.Routes(s.ServeMux)
	return s
}

func (s site) keep(t *testing.T, m message.Message) {
	t.Helper()
	if err := s.inbox.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
}

// ask sends a request to localhost; headers come in pairs.
func (s site) ask(t *testing.T, method, path, body string, headers ...string) *http.Response {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, "http://localhost:4310"+path, strings.NewReader(body))
	for i := 0; i < len(headers); i += 2 {
		if headers[i] == "Host" {
			r.Host = headers[i+1]
		}
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w.Result()
}

func read(t *testing.T, res *http.Response) string {
	t.Helper()
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func mail(id, to string) message.Message {
	return message.Message{
		ID: id, Time: time.Date(2026, 3, 1, 13, 0, 0, 0, time.FixedZone("", 3600)), Medium: message.Email, To: to, Subject: "Your code",
		Body: "<p>Code <b>493817</b></p>", Code: "493817", PoolID: "us-east-1_abc", Username: "alice", Reason: message.SignUp,
		From: "x@example.com", ReplyTo: "y@example.com",
	}
}

func text(id, to string) message.Message {
	return message.Message{
		ID: id, Time: time.Date(2026, 3, 1, 12, 0, 0, 5, time.UTC), Medium: message.SMS, To: to,
		Body: "Code 111222", Code: "111222", Reason: message.Authentication,
	}
}

const asJSON = "application/json"

func TestInboxAsJSONHasExactlyTheContractsMembersNewestFirst(t *testing.T) {
	t.Parallel()
	s := newSite()
	s.keep(t, mail("m1", "bob@example.com"))
	s.keep(t, text("m2", "+15550001111"))
	res := s.ask(t, "GET", "/_cenote/inbox", "", "Accept", asJSON)
	if res.StatusCode != http.StatusOK || res.Header.Get("Content-Type") != asJSON {
		t.Errorf("%s, %s", res.Status, res.Header.Get("Content-Type"))
	}
	var got []map[string]any
	if err := json.Unmarshal([]byte(read(t, res)), &got); err != nil {
		t.Fatal(err)
	}
	want := []map[string]any{
		{
			"id": "m2", "time": "2026-03-01T12:00:00.000000005Z", "medium": "SMS", "to": "+15550001111", "subject": "",
			"body": "Code 111222", "code": "111222", "poolId": "", "username": "", "reason": "Authentication",
		},
		{
			"id": "m1", "time": "2026-03-01T12:00:00Z", "medium": "EMAIL", "to": "bob@example.com", "subject": "Your code",
			"body": "<p>Code <b>493817</b></p>", "code": "493817", "poolId": "us-east-1_abc", "username": "alice", "reason": "SignUp",
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestInboxFiltersByDestination(t *testing.T) {
	t.Parallel()
	s := newSite()
	s.keep(t, mail("m1", "bob+tag@example.com"))
	s.keep(t, text("m2", "+15550001111"))
	for query, want := range map[string]string{
		"?to=bob%2Btag@example.com": "m1",
		"?to=bob+tag@example.com":   "m1", // a plus not encoded means itself
		"?to=BOB%2Btag@example.com": "m1",
		"?to=+15550001111":          "m2",
		"?to=%2B15550001111":        "m2",
		"?to=nobody@example.com":    "",
		"?to=":                      "m2 m1",
	} {
		var got []struct{ ID string }
		body := read(t, s.ask(t, "GET", "/_cenote/inbox"+query, "", "Accept", asJSON))
		if err := json.Unmarshal([]byte(body), &got); err != nil || got == nil {
			t.Fatalf("%s: %v in %s; want an array", query, err, body)
		}
		ids := []string{}
		for _, m := range got {
			ids = append(ids, m.ID)
		}
		if strings.Join(ids, " ") != want {
			t.Errorf("%s: got %q, want %q", query, ids, want)
		}
	}
}

func TestWhoGetsThePageAndWhoGetsJSON(t *testing.T) {
	t.Parallel()
	s := newSite()
	for accept, want := range map[string]string{
		"":                                  "text/html; charset=utf-8",
		"*/*":                               "text/html; charset=utf-8",
		"application/json":                  asJSON,
		"application/json, text/plain, */*": asJSON, // what axios sends
		"application/json;q=0.9":            asJSON,
		"text/html,application/xhtml+xml,application/json;q=0.9,*/*;q=0.8": "text/html; charset=utf-8",
	} {
		if got := s.ask(t, "GET", "/_cenote/inbox", "", "Accept", accept).Header.Get("Content-Type"); got != want {
			t.Errorf("Accept %q: %s, want %s", accept, got, want)
		}
	}
}

func TestDeleteEmptiesTheInbox(t *testing.T) {
	t.Parallel()
	s := newSite()
	s.keep(t, mail("m1", "bob@example.com"))
	if res := s.ask(t, "DELETE", "/_cenote/inbox", ""); res.StatusCode != http.StatusNoContent || read(t, res) != "" {
		t.Errorf("DELETE: %s", res.Status)
	}
	if got := read(t, s.ask(t, "GET", "/_cenote/inbox", "", "Accept", asJSON)); got != "[]\n" {
		t.Errorf("afterwards: %s", got)
	}
}

func TestAnUnchangedInboxIsNotSentAgain(t *testing.T) {
	t.Parallel()
	s := newSite()
	tag := s.ask(t, "GET", "/_cenote/inbox", "", "Accept", asJSON).Header.Get("ETag")
	again := func() int {
		return s.ask(t, "GET", "/_cenote/inbox", "", "Accept", asJSON, "If-None-Match", tag).StatusCode
	}
	if got := again(); got != http.StatusNotModified {
		t.Errorf("empty and asked again: %d", got)
	}
	s.keep(t, mail("m1", "bob@example.com"))
	if got := again(); got != http.StatusOK {
		t.Errorf("after a message: %d", got)
	}
}

func TestPageShowsMessagesAndTrustsNothing(t *testing.T) {
	t.Parallel()
	s := newSite()
	hostile := mail("m1", `"><script>alert(1)</script>@example.com`)
	hostile.Subject, hostile.Username, hostile.Code = "<script>alert(2)</script>", `'"><img src=x onerror=alert(3)>`, `<b>&"'`
	s.keep(t, hostile)
	sms := text("m2", "+15550001111")
	sms.Body = "<script>alert(4)</script>"
	s.keep(t, sms)
	res := s.ask(t, "GET", "/_cenote/inbox", "", "Accept", "text/html")
	page := read(t, res)
	if n := strings.Count(page, "<script"); n != 1 {
		t.Errorf("%d scripts in the page, want its own only", n)
	}
	for _, unwanted := range []string{"<img", "onerror=alert(3)>", "http://", "https://", "ZgotmplZ"} {
		if strings.Contains(page, unwanted) {
			t.Errorf("the page contains %q", unwanted)
		}
	}
	for _, wanted := range []string{
		"<code>111222</code>", "<code>&lt;b&gt;&amp;&#34;&#39;</code>", `src="/_cenote/inbox/m1"`, "&lt;script&gt;alert(4)&lt;/script&gt;",
		`datetime="2026-03-01T12:00:00Z"`, `<html lang="en">`, `<label for="to">`,
	} {
		if !strings.Contains(page, wanted) {
			t.Errorf("the page lacks %q", wanted)
		}
	}
	nonce := regexp.MustCompile(`<script nonce="([A-Z2-7]{26})">`).FindStringSubmatch(page)
	policy := res.Header.Get("Content-Security-Policy")
	if nonce == nil || !strings.Contains(policy, "script-src 'nonce-"+nonce[1]+"';") || !strings.HasPrefix(policy, "default-src 'none';") {
		t.Errorf("nonce %q, policy %s", nonce, policy)
	}
	if strings.Contains(policy, "unsafe") {
		t.Errorf("policy %s", policy)
	}
	if other := s.ask(t, "GET", "/_cenote/inbox", "").Header.Get("Content-Security-Policy"); other == policy {
		t.Error("the nonce is always the same")
	}
}

func TestAMailIsShownInASandbox(t *testing.T) {
	t.Parallel()
	s := newSite()
	s.keep(t, mail("m1", "bob@example.com"))
	s.keep(t, text("m2", "+15550001111"))
	res := s.ask(t, "GET", "/_cenote/inbox/m1", "")
	if body := read(t, res); !strings.HasSuffix(body, "<p>Code <b>493817</b></p>") {
		t.Errorf("body %s", body)
	}
	policy := res.Header.Get("Content-Security-Policy")
	if !strings.Contains(policy, "sandbox allow-popups") || strings.Contains(policy, "allow-scripts") || strings.Contains(policy, "allow-same-origin") {
		t.Errorf("policy %s", policy)
	}
	for _, id := range []string{"m2", "nothing"} {
		if res := s.ask(t, "GET", "/_cenote/inbox/"+id, ""); res.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %s", id, res.Status)
		}
	}
}

func TestClockMoves(t *testing.T) {
	t.Parallel()
	s := newSite()
	var got struct{ Now time.Time }
	for _, step := range []string{"15m", "0s", "1h30m"} {
		res := s.ask(t, "POST", "/_cenote/clock", `{"advance":"`+step+`","unknown":1}`)
		if body := read(t, res); res.StatusCode != http.StatusOK || json.Unmarshal([]byte(body), &got) != nil {
			t.Fatalf("%s: %s %s", step, res.Status, body)
		}
		if ahead := time.Until(got.Now) - s.clock.Offset(); ahead > 0 || ahead < -time.Minute {
			t.Errorf("%s: now is %s, %s off", step, got.Now, ahead)
		}
	}
	if got, want := s.clock.Offset(), 105*time.Minute; got != want {
		t.Errorf("moved by %s, want %s", got, want)
	}
	res := s.ask(t, "GET", "/_cenote/clock", "")
	if body := read(t, res); res.StatusCode != http.StatusOK || json.Unmarshal([]byte(body), &got) != nil || time.Until(got.Now) < 100*time.Minute {
		t.Errorf("the clock reads %s %s, want 105 minutes ahead", res.Status, body)
	}
}

func TestClockRefusesBadInput(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"nothing":                    ``,
		"no JSON":                    `15m`,
		"another shape":              `["15m"]`,
		"no advance":                 `{}`,
		"a null":                     `{"advance":null}`,
		"a number":                   `{"advance":900}`,
		"a number without a unit":    `{"advance":"900"}`,
		"a unit that does not exist": `{"advance":"1d"}`,
		"an empty string":            `{"advance":""}`,
		"a step backwards":           `{"advance":"-1s"}`,
		"a step past any horizon":    `{"advance":"2000000h"}`,
		"a number past any duration": `{"advance":"99999999999h"}`,
		"a body that does not end":   `{"advance":"` + strings.Repeat("1", 1<<20) + `s"}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite()
			res := s.ask(t, "POST", "/_cenote/clock", body)
			var got struct{ Error string }
			if err := json.Unmarshal([]byte(read(t, res)), &got); err != nil || res.StatusCode != http.StatusBadRequest || got.Error == "" {
				t.Errorf("%s, error %q (%v); want 400 and a reason", res.Status, got.Error, err)
			}
			if s.clock.Offset() != 0 {
				t.Errorf("the clock moved by %s", s.clock.Offset())
			}
		})
	}
}

func TestTheNewestCodeIsTheWholeBody(t *testing.T) {
	t.Parallel()
	s := newSite()
	s.keep(t, mail("m1", "bob@example.com"))
	notice := mail("m2", "bob@example.com")
	notice.Code = ""
	s.keep(t, notice)
	if res := s.ask(t, "GET", "/_cenote/code?to=bob@example.com", ""); res.StatusCode != http.StatusOK || read(t, res) != "493817" {
		t.Errorf("got %s", res.Status)
	}
	if res := s.ask(t, "GET", "/_cenote/code?to=nobody@example.com", ""); res.StatusCode != http.StatusNotFound {
		t.Errorf("nobody's code: %s", res.Status)
	}
}

func TestAMailWithALinkShowsTheLink(t *testing.T) {
	t.Parallel()
	s := newSite()
	m := mail("m1", "bob@example.com")
	m.Link = "http://localhost:4310/confirmUser/?client_id=a&user_name=b&confirmation_code=493817"
	s.keep(t, m)
	page := read(t, s.ask(t, "GET", "/_cenote/inbox", "", "Accept", "text/html"))
	if !strings.Contains(page, `<a href="http://localhost:4310/confirmUser/?client_id=a&amp;user_name=b&amp;confirmation_code=493817"`) {
		t.Errorf("the page lacks the link:\n%s", page)
	}
	var got []struct{ Link string }
	if err := json.Unmarshal([]byte(read(t, s.ask(t, "GET", "/_cenote/inbox", "", "Accept", asJSON))), &got); err != nil || got[0].Link != m.Link {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestMailFollowsTheReadersDarkModeUnlessItHasItsOwnColors(t *testing.T) {
	t.Parallel()
	s := newSite()
	s.keep(t, mail("plain", "bob@example.com"))
	painted := mail("painted", "bob@example.com")
	painted.Body = `<p style="color:#222">Code</p>`
	s.keep(t, painted)
	for id, want := range map[string]string{"plain": "color-scheme:light dark;", "painted": "color-scheme:light;"} {
		if body := read(t, s.ask(t, "GET", "/_cenote/inbox/"+id, "")); !strings.Contains(body, want) {
			t.Errorf("%s: %s lacks %s", id, body, want)
		}
	}
}

func TestTheOverviewShowsPoolsClientsAndUsersAndTrustsNothing(t *testing.T) {
	t.Parallel()
	overview := dev.Overview{Endpoint: "http://localhost:4310", Region: "us-east-1", Pools: []dev.OverviewPool{{
		ID: "us-east-1_abc", Name: "<script>alert(1)</script>", Users: 11, MFA: "OPTIONAL", FirstFactors: []string{"PASSWORD"},
		Clients:  []dev.OverviewClient{{ID: "client1", Name: "web", Secret: true, Flows: []string{"ALLOW_USER_AUTH"}}},
		Newest:   []dev.OverviewUser{{Username: "alice", Contact: "alice+x@example.com", Status: "CONFIRMED"}},
		Triggers: []dev.OverviewTrigger{{Name: "PreSignUp", Function: "arn:f"}},
	}}}
	s := open(dev.Door{Overview: func(context.Context) (dev.Overview, error) { return overview, nil }})
	page := read(t, s.ask(t, "GET", "/_cenote/", "", "Accept", "text/html"))
	for _, wanted := range []string{
		"&lt;script&gt;alert(1)", "us-east-1_abc", "11 users", "client1", "alice", `href="/_cenote/inbox?to=alice%2bx%40example.com"`, "disabled",
		"PreSignUp", "arn:f", `href="/_cenote/inbox"`, `href="/_cenote/triggers"`, "Newest users",
	} {
		if !strings.Contains(page, wanted) {
			t.Errorf("the page lacks %q", wanted)
		}
	}
	if strings.Count(page, "<script") != 1 || strings.Contains(page, "ZgotmplZ") {
		t.Errorf("the page is\n%s", page)
	}
	var got dev.Overview
	if err := json.Unmarshal([]byte(read(t, s.ask(t, "GET", "/_cenote/", "", "Accept", asJSON))), &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(overview, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
