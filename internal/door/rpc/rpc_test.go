package rpc

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	signer "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/cenote-id/cenote/internal/api"
	"github.com/cenote-id/cenote/internal/caller"
	"github.com/cenote-id/cenote/internal/wire"
)

const (
	idpTarget      = "AWSCognitoIdentityProviderService."
	identityTarget = "AWSCognitoIdentityService."
	testPool       = "us-east-1_Abc123XyZ"
	getUserBody    = `{"UserPoolId":"us-east-1_Abc123XyZ","Username":"maria"}`
	signUpBody     = `{"ClientId":"4abc4abc4abc4abc4abc4abc4a","Username":"maria","Password":"Sup3r-secret"}`
)

var testNow = time.Date(2026, 3, 14, 15, 9, 26, 0, time.UTC)

// keyRing is a set of access keys by id.
type keyRing map[string]caller.AccessKey

func (k keyRing) AccessKey(_ context.Context, id string) (caller.AccessKey, bool, error) {
	if id == "BROKEN" {
		return caller.AccessKey{}, false, errors.New("store is closed")
	}
	key, ok := k[id]
	return key, ok, nil
}

func testKeys() keyRing {
	key := func(id string, p caller.Policy) caller.AccessKey {
		return caller.AccessKey{ID: id, Secret: "secret of " + id, AccountID: "000000000000", ARN: "arn:aws:iam::000000000000:user/" + strings.ToLower(id), Policy: p}
	}
	temporary := key("TEMPORARY", caller.Policy{})
	temporary.SessionToken, temporary.Expires = "session", testNow
	return keyRing{
		"ROOT":      key("ROOT", caller.Policy{}),
		"READER":    key("READER", caller.Policy{Operations: []string{"AdminGetUser", "List*"}}),
		"TENANT":    key("TENANT", caller.Policy{Pools: []string{testPool}}),
		"TEMPORARY": temporary,
	}
}

// calls gives each of the named operations the same way to be called.
func calls(call func(context.Context, any) (any, error), names ...string) *api.Table {
	targets := make([]string, len(names))
	for i, name := range names {
		targets[i] = idpTarget + name
	}
	return table(call, targets...)
}

// table is calls for operations that are named by their targets.
func table(call func(context.Context, any) (any, error), targets ...string) *api.Table {
	var operations []api.Operation
	for _, target := range targets {
		facts, ok := wire.Lookup(target)
		if !ok {
			panic("no operation " + target)
		}
		operations = append(operations, api.Operation{Operation: facts, Call: call})
	}
	t, err := api.NewTable(operations, nil)
	if err != nil {
		panic(err)
	}
	return t
}

func answering(out any, err error) func(context.Context, any) (any, error) {
	return func(context.Context, any) (any, error) { return out, err }
}

// records keeps what the door logs and counts.
type records struct {
	mu     sync.Mutex
	text   bytes.Buffer
	counts []string
}

func (l *records) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *records) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func (l *records) observe(_ context.Context, operation, code string, took time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.counts = append(l.counts, operation+" "+code)
	if took < 0 {
		l.counts = append(l.counts, "a negative duration")
	}
}

func (l *records) counted() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Join(l.counts, ", ")
}

// open serves a door made of c on loopback.
func open(t testing.TB, c Config) (url string, l *records) {
	t.Helper()
	d, l := newDoor(t, c)
	srv := httptest.NewServer(d)
	t.Cleanup(srv.Close)
	return srv.URL + "/", l
}

// newDoor makes a door of c, filled with what tests have in common.
func newDoor(t testing.TB, c Config) (*Door, *records) {
	t.Helper()
	l := &records{}
	c.SigningRegions = []string{"us-east-1"}
	if c.Keys == nil {
		c.Keys = testKeys()
	}
	if c.Now == nil {
		c.Now = func() time.Time { return testNow }
	}
	c.Observe = l.observe
	c.Log = slog.New(slog.NewTextHandler(l, &slog.HandlerOptions{Level: slog.LevelDebug}))
	d, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	return d, l
}

// request is a POST with a target, unsigned.
func request(t testing.TB, url, target, body string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", contentType)
	r.Header.Set("X-Amz-Target", target)
	return r
}

// sign signs r, whose body is given, with the key of that id.
func sign(t testing.TB, r *http.Request, body, id string) *http.Request {
	t.Helper()
	return signWith(t, r, body, aws.Credentials{AccessKeyID: id, SecretAccessKey: "secret of " + id}, "cognito-idp", testNow)
}

func signWith(t testing.TB, r *http.Request, body string, c aws.Credentials, service string, at time.Time) *http.Request {
	t.Helper()
	sum := sha256.Sum256([]byte(body))
	if err := signer.NewSigner().SignHTTP(t.Context(), c, r, hex.EncodeToString(sum[:]), service, "us-east-1", at); err != nil {
		t.Fatal(err)
	}
	return r
}

// reply is an answer, read in full.
type reply struct {
	*http.Response
	body string
}

func send(t testing.TB, r *http.Request) reply {
	t.Helper()
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return reply{resp, string(body)}
}

// wantFault checks all that the service says of a refusal: status, both forms of name and message, and the common headers.
func (r reply) wantFault(t testing.TB, status int, code, message string) {
	t.Helper()
	r.wantCommon(t)
	if r.StatusCode != status {
		t.Errorf("status = %d, want %d", r.StatusCode, status)
	}
	if got := r.Header.Get("x-amzn-ErrorType"); got != code+":" {
		t.Errorf("x-amzn-ErrorType = %q, want %q", got, code+":")
	}
	if got := r.Header.Get("x-amzn-ErrorMessage"); got != headerText(message) {
		t.Errorf("x-amzn-ErrorMessage = %q, want %q", got, headerText(message))
	}
	want := map[string]string{"__type": code}
	if message != "" {
		want["message"] = message
	}
	var got map[string]string
	if err := json.Unmarshal([]byte(r.body), &got); err != nil {
		t.Fatalf("body %q: %v", r.body, err)
	}
	if len(got) != len(want) || got["__type"] != want["__type"] || got["message"] != want["message"] {
		t.Errorf("body:\n got %s\nwant %v", r.body, want)
	}
}

// wantCommon checks what every answer to a POST has.
func (r reply) wantCommon(t testing.TB) {
	t.Helper()
	for name, want := range map[string]string{
		"Content-Type":                  "application/x-amz-json-1.1",
		"Access-Control-Allow-Origin":   "*",
		"Access-Control-Expose-Headers": "x-amzn-RequestId,x-amzn-ErrorType,x-amzn-ErrorMessage,Date",
	} {
		if got := r.Header.Get(name); got != want {
			t.Errorf("%s = %q, want %q", name, got, want)
		}
	}
	if id := r.Header.Get("x-amzn-RequestId"); len(id) != 36 {
		t.Errorf("x-amzn-RequestId = %q, want a UUID", id)
	}
	if _, err := http.ParseTime(r.Header.Get("Date")); err != nil {
		t.Errorf("Date: %v", err)
	}
}

func discard() *slog.Logger { return slog.New(slog.DiscardHandler) }

func BenchmarkDoor(b *testing.B) {
	d, err := New(Config{
		Operations: calls(answering(nil, nil), "SignUp"), AnyCredentials: true, Now: time.Now, Log: discard(),
	})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		w := httptest.NewRecorder()
		d.ServeHTTP(w, request(b, "http://127.0.0.1/", idpTarget+"SignUp", signUpBody))
		if w.Code != http.StatusOK {
			b.Fatal(w.Body)
		}
	}
}
