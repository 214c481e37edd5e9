// Package hostile_test judges the server with input that nobody means well: malformed, oversized, wrongly typed, stolen, forged and
// replayed, sent as raw JSON over HTTP to a running server, on SQLite and on PostgreSQL.
//
// Its one idea: every answer, whatever was sent, passes through call, which holds what must be true of all of them: status 200 or 400,
// an exception that the operation declares, the same one in header and body, in good time. And every server's log is watched: an internal
// error fails the test that caused it, also where the client saw nothing of it. Start with call and with fixture.
package hostile_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cenote-id/cenote/internal/cenotetest"
	"github.com/cenote-id/cenote/internal/cenotetest/pgtest"
	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/wire"
)

// patience bounds one call: whatever takes longer counts as a hang.
const patience = 20 * time.Second

// server is a running server whose answers and log are judged.
type server struct {
	*cenotetest.Server
	http     http.Client
	postgres bool
	one, two *fixture // pools for those who do not need one to themselves: making one means making keys
	other    *server  // another node of the database, to which atOnce sends every second request; nil for none
}

// onEachDatabase runs a test on a server of its own on each database.
func onEachDatabase(t *testing.T, run func(*testing.T, *server)) {
	t.Helper()
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		run(t, startServer(t, ""))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		run(t, startServer(t, pgtest.Start(t)))
	})
}

func startServer(t testing.TB, database string) *server {
	t.Helper()
	s := startNode(t, cenotetest.Options{Database: database})
	s.one, s.two = newFixture(t, s, nil, nil), newFixture(t, s, nil, nil)
	return s
}

// startNode starts a server that need not have its database to itself.
func startNode(t testing.TB, o cenotetest.Options) *server {
	t.Helper()
	log := &watch{}
	o.Log = slog.New(log)
	s := &server{
		Server:   cenotetest.Start(t, o),
		postgres: o.Database != "",
		http:     http.Client{Timeout: patience, Transport: &http.Transport{MaxIdleConnsPerHost: 64, DisableCompression: true}},
	}
	t.Cleanup(func() {
		s.http.CloseIdleConnections()
		for _, line := range log.all() {
			t.Errorf("the server logged an error: %s", line)
		}
	})
	return s
}

// watch is a log that keeps errors and drops the rest.
type watch struct {
	mu    sync.Mutex
	lines []string
}

func (w *watch) Enabled(_ context.Context, l slog.Level) bool { return l >= slog.LevelError }
func (w *watch) WithAttrs([]slog.Attr) slog.Handler           { return w }
func (w *watch) WithGroup(string) slog.Handler                { return w }

func (w *watch) Handle(_ context.Context, r slog.Record) error {
	line := r.Message
	r.Attrs(func(a slog.Attr) bool {
		line += " " + a.String()
		return true
	})
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.lines) < 20 {
		w.lines = append(w.lines, line)
	}
	return nil
}

func (w *watch) all() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.lines)
}

// object is a JSON object that is about to be sent. Its values may be raw, which no JSON has to be.
type object map[string]any

// raw is sent as it is.
type raw string

// with returns the object with another value of one member.
func (o object) with(name string, value any) object {
	c := object{name: value}
	for n, v := range o {
		if n != name {
			c[n] = v
		}
	}
	return c
}

// encode writes a value as JSON, but for raw parts.
func encode(b *bytes.Buffer, v any) {
	switch v := v.(type) {
	case raw:
		b.WriteString(string(v))
	case object:
		b.WriteByte('{')
		for i, name := range slices.Sorted(maps.Keys(v)) {
			if i > 0 {
				b.WriteByte(',')
			}
			encode(b, name)
			b.WriteByte(':')
			encode(b, v[name])
		}
		b.WriteByte('}')
	case []any:
		b.WriteByte('[')
		for i, item := range v {
			if i > 0 {
				b.WriteByte(',')
			}
			encode(b, item)
		}
		b.WriteByte(']')
	default:
		text, err := json.Marshal(v)
		if err != nil {
			panic(err) // a mistake of the test
		}
		b.Write(text)
	}
}

// answer is what came back.
type answer struct {
	status  int
	code    string // of the exception, "" for a success
	message string
	text    string // the body as it came
	body    map[string]any
	took    time.Duration
}

func (a answer) ok() bool { return a.code == "" }

// at returns the text at a path of member names, or "".
func (a answer) at(path ...string) string {
	var v any = a.body
	for _, name := range path {
		m, ok := v.(map[string]any)
		if !ok {
			return ""
		}
		v = m[name]
	}
	s, _ := v.(string)
	return s
}

// each returns a text member of every item of a list.
func (a answer) each(list, member string) []string {
	var all []string
	items, _ := a.body[list].([]any)
	for _, item := range items {
		if text, ok := item.(map[string]any)[member].(string); ok {
			all = append(all, text)
		}
	}
	return all
}

// call sends a body to an operation and holds the answer against what must be true of every answer.
func (s *server) call(t testing.TB, operation string, body any) answer {
	t.Helper()
	var b bytes.Buffer
	encode(&b, body)
	a, complaint := s.send(operation, b.Bytes())
	if complaint != "" {
		t.Errorf("%s %s\n  is answered %d %s\n  %s", operation, shorten(b.String()), a.status, shorten(a.text), complaint)
	}
	return a
}

// send is call for any goroutine. The complaint is "" for an answer as it should be.
func (s *server) send(operation string, body []byte) (a answer, complaint string) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.URL+"/", bytes.NewReader(body))
	if err != nil {
		return a, err.Error()
	}
	target := "AWSCognitoIdentityProviderService." + operation
	r.Header.Set("X-Amz-Target", target)
	r.Header.Set("Content-Type", "application/x-amz-json-1.1")
	start := time.Now()
	resp, err := s.http.Do(r)
	if err != nil {
		return a, err.Error()
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return a, err.Error()
	}
	a.status, a.text, a.took = resp.StatusCode, string(text), time.Since(start)
	if err := json.Unmarshal(text, &a.body); err != nil {
		return a, "the body is not a JSON object: " + err.Error()
	}
	if resp.Header.Get("X-Amzn-Requestid") == "" {
		return a, "the answer has no request id"
	}
	switch a.status {
	case http.StatusOK:
		if a.body["__type"] != nil {
			return a, "a success has an exception"
		}
		return a, ""
	case http.StatusBadRequest:
	default:
		return a, "the status is neither 200 nor 400"
	}
	a.code, a.message = a.at("__type"), a.at("message")
	if a.code == "" {
		return a, "a refusal names no exception"
	}
	if got := resp.Header.Get("X-Amzn-Errortype"); got != a.code+":" {
		return a, "the header names another exception: " + got
	}
	if o, known := wire.Lookup(target); known && a.code != string(fault.UnknownOperation) && !o.Declares(fault.Code(a.code)) {
		return a, "the operation does not declare this exception"
	}
	return a, ""
}

// must is call for a request that has to succeed.
func (s *server) must(t testing.TB, operation string, body object) answer {
	t.Helper()
	a := s.call(t, operation, body)
	if !a.ok() {
		t.Fatalf("%s is refused: %s", operation, shorten(a.text))
	}
	return a
}

// refuse is call for a request that must not succeed, with the exceptions and the beginning of the message that it may be refused with.
func (s *server) refuse(t testing.TB, what, operation string, body any, message string, codes ...fault.Code) {
	t.Helper()
	a := s.call(t, operation, body)
	if a.ok() || !slices.Contains(codes, fault.Code(a.code)) || !strings.HasPrefix(a.message, message) {
		t.Errorf("%s: %s is answered %s\n  want %v %q", what, operation, shorten(a.text), codes, message)
	}
}

func shorten(s string) string {
	if len(s) <= 600 {
		return s
	}
	return s[:450] + " ... " + s[len(s)-120:]
}
