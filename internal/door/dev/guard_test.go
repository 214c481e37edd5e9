package dev_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/cenote-id/cenote/internal/door/dev"
)

func TestOnlyThisMachineIsServed(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		headers []string
		served  bool
		cors    string // Access-Control-Allow-Origin
	}{
		{"a program", nil, true, ""},
		{"127.0.0.1", []string{"Host", "127.0.0.1:4310"}, true, ""},
		{"any loopback address, without a port", []string{"Host", "127.8.8.8"}, true, ""},
		{"IPv6 loopback", []string{"Host", "[::1]:4310"}, true, ""},
		{"IPv6 loopback without a port", []string{"Host", "[::1]"}, true, ""},
		{"a name under localhost", []string{"Host", "Auth.LocalHost:4310"}, true, ""},
		{"a host that was configured", []string{"Host", "Cenote.test:4310"}, true, ""},
		{"a name that was rebound to this machine", []string{"Host", "evil.example:4310"}, false, ""},
		{"a name that only begins like localhost", []string{"Host", "localhost.evil.example"}, false, ""},
		{"a name that only ends like localhost", []string{"Host", "evillocalhost"}, false, ""},
		{"an address elsewhere", []string{"Host", "192.168.1.1:4310"}, false, ""},
		{"no host", []string{"Host", ""}, false, ""},
		{"the page itself", []string{"Origin", "http://localhost:4310", "Sec-Fetch-Site", "same-origin"}, true, "http://localhost:4310"},
		{"a page on another local port", []string{"Origin", "http://127.0.0.1:5173", "Sec-Fetch-Site", "cross-site"}, true, "http://127.0.0.1:5173"},
		{"a page on a local port with TLS", []string{"Origin", "https://app.localhost"}, true, "https://app.localhost"},
		{"a page on a configured host", []string{"Origin", "http://cenote.test"}, true, "http://cenote.test"},
		{"a page elsewhere", []string{"Origin", "https://evil.example"}, false, ""},
		{"a page of unknown origin", []string{"Origin", "null"}, false, ""},
		{"an origin that is no URL", []string{"Origin", "http://%"}, false, ""},
		{"an extension", []string{"Origin", "chrome-extension://localhost"}, false, ""},
		{"a foreign page whose origin was taken away", []string{"Sec-Fetch-Site", "cross-site"}, false, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := newSite("cenote.test")
			s.keep(t, mail("m1", "bob@example.com"))
			for _, request := range [][3]string{
				{"DELETE", "/_cenote/inbox", ""}, {"POST", "/_cenote/clock", `{"advance":"1m"}`},
			} {
				res := s.ask(t, request[0], request[1], request[2], c.headers...)
				if served := res.StatusCode < 300; served != c.served {
					t.Errorf("%s: %s, want served %v", request[0], res.Status, c.served)
				}
				if !c.served && res.StatusCode != http.StatusForbidden {
					t.Errorf("%s: %s, want 403", request[0], res.Status)
				}
				if got := res.Header.Get("Access-Control-Allow-Origin"); got != c.cors {
					t.Errorf("%s: Access-Control-Allow-Origin %q, want %q", request[0], got, c.cors)
				}
			}
			emptied, moved := len(s.inbox.Messages("")) == 0, s.clock.Offset() > 0
			if emptied != c.served || moved != c.served {
				t.Errorf("emptied %v, moved %v, want both %v", emptied, moved, c.served)
			}
		})
	}
}

func TestAForeignPageCannotReadTheInbox(t *testing.T) {
	t.Parallel()
	s := newSite()
	s.keep(t, mail("m1", "bob@example.com"))
	for name, headers := range map[string][]string{
		"by its origin": {"Origin", "https://evil.example"}, "by rebinding": {"Host", "evil.example"},
	} {
		for _, path := range []string{"/_cenote/inbox", "/_cenote/inbox/m1"} {
			if body := read(t, s.ask(t, "GET", path, "", headers...)); strings.Contains(body, "493817") {
				t.Errorf("%s %s: got the code", name, path)
			}
		}
	}
}

func TestPreflightAllowsWhatTestsInBrowsersSend(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/_cenote/inbox", "/_cenote/clock"} {
		res := newSite().ask(t, "OPTIONS", path, "", "Origin", "http://localhost:5173", "Access-Control-Request-Method", "DELETE")
		if res.StatusCode != http.StatusNoContent || !strings.Contains(res.Header.Get("Access-Control-Allow-Methods"), "DELETE") ||
			!strings.Contains(res.Header.Get("Access-Control-Allow-Headers"), "Content-Type") {
			t.Errorf("%s: %s %v", path, res.Status, res.Header)
		}
	}
	res := newSite().ask(t, "OPTIONS", "/_cenote/inbox", "", "Origin", "https://evil.example")
	if res.StatusCode != http.StatusForbidden || res.Header.Get("Access-Control-Allow-Methods") != "" {
		t.Errorf("a page elsewhere: %s %v, want 403", res.Status, res.Header)
	}
}

func TestAnExposedServerIsKnownByAddressesAndPrivateNames(t *testing.T) {
	t.Parallel()
	for host, want := range map[string]bool{
		"192.168.1.7:4310": true, "[2001:db8::7]:4310": true, "cenote:4310": true, "host.docker.internal:4310": true, "mac.local": true,
		"evil.example:4310": false, "localhost.evil.example": false, "internal.example": false, "": false,
	} {
		for _, exposed := range []bool{false, true} {
			r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/_cenote/inbox", nil)
			r.Host = host
			err := dev.Guard{Exposed: exposed}.Check(r)
			if (err == nil) != (want && exposed) {
				t.Errorf("%q, exposed %v: %v", host, exposed, err)
			}
			if err != nil && strings.Contains(err.Error(), "--expose") == exposed {
				t.Errorf("%q, exposed %v, is told: %v", host, exposed, err)
			}
		}
	}
}
