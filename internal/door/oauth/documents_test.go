package oauth_test

import (
	"context"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/internal/door/oauth"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/token"
)

const (
	poolID = "us-east-1_Abc123xyZ"
	base   = "https://auth.example.com"
)

var now = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// serve mounts the documents of one pool.
func serve(t *testing.T, p *pool.Pool, awsIssuer bool) (http.Handler, *token.Issuer) {
	t.Helper()
	issuer := &token.Issuer{PublicURL: base, AWSIssuer: awsIssuer, Now: func() time.Time { return now }}
	mux := http.NewServeMux()
	door := oauth.Documents{Tokens: issuer, Base: func(*pool.Pool) string { return base }, Now: issuer.Now, Log: slog.New(slog.DiscardHandler), Pool: func(_ context.Context, id string) (*pool.Pool, error) {
		switch id {
		case p.ID:
			return p, nil
		case "us-east-1_broken":
			return nil, errors.New("the disk is on fire")
		}
		return nil, pool.NotFound(id)
	}}
	door.Routes(mux)
	return mux, issuer
}

type answer struct {
	status int
	header http.Header
	body   string
}

func ask(t *testing.T, h http.Handler, method, path string, headers ...string) answer {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, path, nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	res := w.Result()
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{res.StatusCode, res.Header, string(body)}
}

func newPool(t *testing.T) *pool.Pool {
	t.Helper()
	keys, err := token.NewKeyMaker(func() time.Time { return now }, 0).Pair()
	if err != nil {
		t.Fatal(err)
	}
	return &pool.Pool{ID: poolID, Keys: keys}
}

func TestDiscoveryAgreesWithTheIssuerOfTokens(t *testing.T) {
	t.Parallel()
	for name, aws := range map[string]bool{"our own address": false, "the form of AWS": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPool(t)
			h, issuer := serve(t, p, aws)
			res := ask(t, h, http.MethodGet, "/"+poolID+"/.well-known/openid-configuration")
			var got map[string]any
			if err := json.Unmarshal([]byte(res.body), &got); err != nil {
				t.Fatalf("%v in %s", err, res.body)
			}
			want := map[string]any{
				"issuer":                                issuer.URL(p),
				"jwks_uri":                              base + "/" + poolID + "/.well-known/jwks.json",
				"authorization_endpoint":                base + "/oauth2/authorize",
				"token_endpoint":                        base + "/oauth2/token",
				"userinfo_endpoint":                     base + "/oauth2/userInfo",
				"revocation_endpoint":                   base + "/oauth2/revoke",
				"end_session_endpoint":                  base + "/logout",
				"response_types_supported":              []any{"code", "token"},
				"scopes_supported":                      []any{"openid", "email", "phone", "profile"},
				"subject_types_supported":               []any{"public"},
				"id_token_signing_alg_values_supported": []any{"RS256"},
				"token_endpoint_auth_methods_supported": []any{"client_secret_basic", "client_secret_post"},
				"code_challenge_methods_supported":      []any{"S256"},
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("document (-want +got):\n%s", diff)
			}
			if got := res.header.Get("Access-Control-Allow-Origin"); got != "*" {
				t.Errorf("pages of %q may read it, want any", got)
			}
			if got := res.header.Get("Content-Type"); got != "application/json" {
				t.Errorf("content type %s", got)
			}
		})
	}
}

func TestJWKSHoldsTheKeysThatVerify(t *testing.T) {
	t.Parallel()
	p := newPool(t)
	retiring, err := token.NewKeyMaker(func() time.Time { return now }, 0).Pair()
	if err != nil {
		t.Fatal(err)
	}
	retiring[0].Retires, retiring[1].Retires = now.Add(time.Hour), now.Add(-time.Hour)
	p.Keys = append(p.Keys, retiring...)
	h, _ := serve(t, p, false)
	body := ask(t, h, http.MethodGet, "/"+poolID+"/.well-known/jwks.json").body
	var got struct{ Keys []map[string]string }
	if err := json.Unmarshal([]byte(body), &got); err != nil {
		t.Fatalf("%v in %s", err, body)
	}
	var want []map[string]string
	for _, k := range p.Keys[:3] {
		want = append(want, map[string]string{
			"alg": "RS256", "e": "AQAB", "kid": k.ID, "kty": "RSA", "use": "sig", "n": modulus(&k.Private.PublicKey),
		})
	}
	if diff := cmp.Diff(want, got.Keys); diff != "" {
		t.Errorf("keys (-want +got):\n%s", diff)
	}
}

func modulus(k *rsa.PublicKey) string { return base64.RawURLEncoding.EncodeToString(k.N.Bytes()) }

func TestACopyIsAskedAboutAndTravelsOnce(t *testing.T) {
	t.Parallel()
	p := newPool(t)
	h, _ := serve(t, p, false)
	path := "/" + poolID + "/.well-known/jwks.json"
	first := ask(t, h, http.MethodGet, path)
	tag := first.header.Get("ETag")
	if got := first.header.Get("Cache-Control"); got != "public, no-cache" {
		t.Errorf("cache control %q", got)
	}
	if again := ask(t, h, http.MethodGet, path, "If-None-Match", tag); again.status != http.StatusNotModified || again.body != "" {
		t.Errorf("an unchanged document answers %d with %d bytes", again.status, len(again.body))
	}
	for _, asked := range []string{"W/" + tag, `"other", ` + tag, `W/"other",W/` + tag, "*"} {
		if again := ask(t, h, http.MethodGet, path, "If-None-Match", asked); again.status != http.StatusNotModified {
			t.Errorf("%s is answered %d", asked, again.status)
		}
	}
	p.Keys = p.Keys[:1]
	if changed := ask(t, h, http.MethodGet, path, "If-None-Match", tag); changed.status != http.StatusOK {
		t.Errorf("a changed document answers %d", changed.status)
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	h, _ := serve(t, newPool(t), false)
	for _, tc := range []struct {
		name, method, path string
		status             int
		body               string
	}{
		{"a pool that does not exist", http.MethodGet, "/us-east-1_none/.well-known/jwks.json", 400, `{"message":"User pool us-east-1_none does not exist."}`},
		{"a name that would break JSON", http.MethodGet, "/%22%3C/.well-known/jwks.json", 400, `{"message":"User pool \"\u003c does not exist."}`},
		{"a failure of ours is not told", http.MethodGet, "/us-east-1_broken/.well-known/jwks.json", 500, `{"message":"Something went wrong"}`},
		{"another method", http.MethodPost, "/" + poolID + "/.well-known/jwks.json", 405, "Method Not Allowed\n"},
		{"another document", http.MethodGet, "/" + poolID + "/.well-known/secrets", 404, "404 page not found\n"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got := ask(t, h, tc.method, tc.path)
			if got.status != tc.status || got.body != tc.body {
				t.Errorf("got %d %q, want %d %q", got.status, got.body, tc.status, tc.body)
			}
		})
	}
}

func TestPagesMayAskWithHeadersOfTheirOwn(t *testing.T) {
	t.Parallel()
	h, _ := serve(t, newPool(t), false)
	identities := http.NewServeMux()
	oauth.IdentityDocuments{}.Routes(identities)
	for path, h := range map[string]http.Handler{
		"/" + poolID + "/.well-known/openid-configuration": h, "/" + poolID + "/.well-known/jwks.json": h,
		"/.well-known/openid-configuration": identities, "/.well-known/jwks_uri": identities,
	} {
		res := ask(t, h, http.MethodOptions, path, "Access-Control-Request-Headers", "x-app")
		if res.status != http.StatusNoContent || res.header.Get("Access-Control-Allow-Origin") != "*" || res.header.Get("Access-Control-Allow-Headers") != "x-app" {
			t.Errorf("%s: got %d %v", path, res.status, res.header)
		}
	}
}
