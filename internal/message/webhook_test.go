package message

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/internal/outbound"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

type posted struct {
	header http.Header
	body   string
}

// gateway answers the statuses in turn and then the last one for ever; status 0 breaks the connection.
type gateway struct {
	*httptest.Server
	mu       sync.Mutex
	statuses []int
	posts    []posted
}

func newGateway(t *testing.T, statuses ...int) *gateway {
	g := &gateway{statuses: statuses}
	g.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil || r.Method != http.MethodPost {
			t.Errorf("%s, %v", r.Method, err)
		}
		g.mu.Lock()
		status := g.statuses[min(len(g.posts), len(g.statuses)-1)]
		g.posts = append(g.posts, posted{r.Header, string(body)})
		g.mu.Unlock()
		if status == 0 {
			panic(http.ErrAbortHandler)
		}
		w.Header().Set("Location", "/elsewhere")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, "the gateway repeats "+string(body))
	}))
	t.Cleanup(g.Close)
	return g
}

func (g *gateway) received() []posted {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.posts
}

func (g *gateway) sender(t *testing.T, secret Secret) *Webhook {
	t.Helper()
	w, err := NewWebhook(SMSOptions{URL: g.URL + "/token-in-path", Secret: secret}, func() time.Time { return noon })
	if err != nil {
		t.Fatal(err)
	}
	w.pauses = []time.Duration{0, 0}
	return w
}

func text() Message {
	return Message{
		ID: "message1", Medium: SMS, To: "+15550001111", Body: "Code 493817 <b>", Code: "493817",
		PoolID: "us-east-1_abc", Username: "alice", Reason: Authentication,
	}
}

func TestGatewayGetsTheMessageAndCanVerifyIt(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ secret, key string }{
		"a plain secret":  {"hunter2", "hunter2"},
		"a base64 secret": {"whsec_" + base64.StdEncoding.EncodeToString([]byte("\x00key\xff")), "\x00key\xff"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newGateway(t, 202)
			if err := g.sender(t, Secret(c.secret)).Send(t.Context(), text()); err != nil {
				t.Fatal(err)
			}
			posts := g.received()
			if len(posts) != 1 {
				t.Fatalf("%d requests, want 1", len(posts))
			}
			got := posts[0]
			var body map[string]string
			if err := json.Unmarshal([]byte(got.body), &body); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(map[string]string{
				"to": "+15550001111", "body": "Code 493817 <b>", "poolId": "us-east-1_abc", "username": "alice", "reason": "Authentication",
			}, body); diff != "" {
				t.Errorf("body (-want +got):\n%s", diff)
			}
			mac := hmac.New(sha256.New, []byte(c.key))
			_, _ = io.WriteString(mac, "message1.1772366400."+got.body)
			want := map[string]string{
				"Content-Type": "application/json", "Webhook-Id": "message1", "Webhook-Timestamp": "1772366400",
				"Webhook-Signature": "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil)),
			}
			headers := map[string]string{}
			for name := range want {
				headers[name] = got.header.Get(name)
			}
			if diff := cmp.Diff(want, headers); diff != "" {
				t.Errorf("headers (-want +got):\n%s", diff)
			}
		})
	}
}

func TestGatewayAnswers(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		statuses []int
		tries    int
		failure  string // part of the error; empty when delivered
	}{
		{"any 2xx is delivered", []int{204}, 1, ""},
		{"a failure of the gateway is tried again", []int{503, 500, 200}, 3, ""},
		{"a broken connection is tried again", []int{0, 200}, 2, ""},
		{"three failures are enough", []int{503}, 3, "answered 503"},
		{"three broken connections are enough", []int{0}, 3, "EOF"},
		{"a refusal is not tried again", []int{400}, 1, "answered 400"},
		{"a missing page is not tried again", []int{404}, 1, "answered 404"},
		{"a redirect is not followed", []int{307}, 1, "redirects are not followed"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			g := newGateway(t, c.statuses...)
			m := text()
			m.ID = "" // one is made, and kept
			err := g.sender(t, "").Send(t.Context(), m)
			if c.failure == "" && err != nil {
				t.Fatal(err)
			}
			if c.failure != "" {
				if err == nil || !strings.Contains(err.Error(), c.failure) {
					t.Fatalf("Send = %v, want an error with %q", err, c.failure)
				}
				for _, secret := range []string{"493817", "1111", "token-in-path", "repeats"} {
					if strings.Contains(err.Error(), secret) {
						t.Errorf("the error tells %q: %v", secret, err)
					}
				}
			}
			posts := g.received()
			if len(posts) != c.tries {
				t.Errorf("%d tries, want %d", len(posts), c.tries)
			}
			for _, p := range posts {
				if id := p.header.Get("Webhook-Id"); id == "" || id != posts[0].header.Get("Webhook-Id") {
					t.Errorf("id %q, that of the first try %q", id, posts[0].header.Get("Webhook-Id"))
				}
				if got := p.header.Get("Webhook-Signature"); got != "" {
					t.Errorf("signed without a secret: %q", got)
				}
			}
		})
	}
}

func TestASlowGatewayIsGivenUp(t *testing.T) {
	t.Parallel()
	done := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-done }))
	t.Cleanup(server.Close)
	t.Cleanup(func() { close(done) })
	w, err := NewWebhook(SMSOptions{URL: server.URL}, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	w.limit = 50 * time.Millisecond
	if err := w.Send(t.Context(), text()); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Send = %v, want context.DeadlineExceeded", err)
	}
}

func TestAPausePastTheLimitIsNotWaitedFor(t *testing.T) {
	t.Parallel()
	g := newGateway(t, 503)
	w := g.sender(t, "")
	w.pauses = []time.Duration{time.Hour, time.Hour}
	if err := w.Send(t.Context(), text()); err == nil || !strings.Contains(err.Error(), "answered 503") {
		t.Errorf("Send = %v, want the answer of the last try", err)
	}
}

func TestAnEndlessAnswerIsCutOff(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for chunk := make([]byte, 32<<10); ; {
			if _, err := w.Write(chunk); err != nil {
				return
			}
		}
	}))
	t.Cleanup(server.Close)
	w, err := NewWebhook(SMSOptions{URL: server.URL}, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Send(t.Context(), text()); err != nil {
		t.Errorf("Send = %v, want the 200 to count", err)
	}
}

func TestAddressesThatAreNotDialed(t *testing.T) {
	t.Parallel()
	for _, url := range []string{"http://169.254.169.254/latest", "https://169.254.169.254/latest", "http://203.0.113.7/in-the-clear"} {
		w, err := NewWebhook(SMSOptions{URL: url}, time.Now)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Send(t.Context(), text()); !errors.Is(err, outbound.ErrAddress) {
			t.Errorf("%s: Send = %v, want the address refused", url, err)
		}
	}
}
