package oauth_test

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cenote-id/cenote/internal/cenotetest"
	"github.com/cenote-id/cenote/internal/cenotetest/pgtest"
)

// node starts another node on the site's database, under the same public URL.
func (s *site) node(t testing.TB, database string) *site {
	t.Helper()
	n := cenotetest.Start(t, cenotetest.Options{DataDir: s.DataDir, Database: database, Settings: map[string]string{"public-url": s.URL}})
	h := httptest.NewServer(n.Handler)
	t.Cleanup(h.Close)
	other := *s
	other.Server = n
	n.URL = h.URL
	return &other
}

// twoNodes starts a site of two nodes on PostgreSQL, with a user, and a browser.
func twoNodes(t testing.TB) (s, other *site, database string, b *browser) {
	t.Helper()
	database = pgtest.Start(t)
	s = newSite(t, database, nil)
	s.addUser(t, "ann@example.com")
	return s, s.node(t, database), database, newBrowser(t)
}

func TestACodeIsGoodOnceOnAllNodes(t *testing.T) {
	t.Parallel()
	s, other, _, b := twoNodes(t)
	code := b.open(s.authorize()).signIn("ann@example.com").arrived().Get("code")
	for range 3 {
		answers := make(chan answer, 20)
		var group sync.WaitGroup
		for i := range 20 {
			at := []*site{s, other}[i%2]
			group.Go(func() { answers <- at.tokens(t, code) })
		}
		group.Wait()
		close(answers)
		first := 0
		for a := range answers {
			if a.status != http.StatusOK {
				a.is(t, 400, "invalid_grant")
				continue
			}
			first++
			if info := other.userInfo(t, a.token(t, "access_token")); info.status != http.StatusUnauthorized {
				t.Errorf("after another use of the code, what it gave is answered %d", info.status)
			}
		}
		if first != 1 {
			t.Errorf("the code was exchanged %d times", first)
		}
		code = b.open(s.authorize()).arrived().Get("code")
	}
}

// A new signing key is published before it signs, so that whatever node a verifier asks for keys has the one of the newest token.
func TestTheKeyOfATokenIsFoundOnEveryNode(t *testing.T) {
	t.Parallel()
	s, other, database, b := twoNodes(t)
	signed := func(at *site) (access string) {
		t.Helper()
		return at.tokens(t, b.open(s.authorize()).arrived().Get("code")).token(t, "access_token")
	}
	b.open(s.authorize()).signIn("ann@example.com").arrived()
	before := signed(s)
	data := cenotetest.OpenData(t, cenotetest.Settings(t, "data-dir="+s.DataDir, "database="+database))
	_, err := data.RotateKeys(t.Context(), s.pool)
	must(t, err)
	check := func(access string) {
		t.Helper()
		for _, at := range []*site{s, other} {
			r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, at.URL+"/"+s.pool+"/.well-known/jwks.json", nil)
			must(t, err)
			if keys := ask(t, r); !strings.Contains(keys.text, `"`+keyOf(t, access)+`"`) || keys.header.Get("Cache-Control") != "public, no-cache" {
				t.Errorf("the keys of %s do not have that of the token: %v %s", at.URL, keys.header, keys.text)
			}
			if info := at.userInfo(t, access); info.status != http.StatusOK {
				t.Errorf("the token is answered %d %s", info.status, info.text)
			}
		}
	}
	check(signed(s))
	check(signed(other))
	s.Advance(t, 3*time.Second)
	other.Advance(t, 3*time.Second)
	after := signed(other)
	if keyOf(t, after) == keyOf(t, before) {
		t.Error("the new key does not sign")
	}
	check(after)
	check(before)
}

// keyOf returns the id of the key that a token was signed with.
func keyOf(t testing.TB, raw string) string {
	t.Helper()
	document, err := base64.RawURLEncoding.DecodeString(strings.Split(raw, ".")[0])
	must(t, err)
	var header struct {
		ID string `json:"kid"`
	}
	must(t, json.Unmarshal(document, &header))
	return header.ID
}
