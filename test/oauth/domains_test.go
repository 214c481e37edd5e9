package oauth_test

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cenote-id/cenote/internal/cenotetest"
)

// onHost asks the server under another name.
func (s *site) onHost(t testing.TB, host, path string) answer {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+path, nil)
	must(t, err)
	r.Host = host
	res, err := http.DefaultTransport.RoundTrip(r)
	must(t, err)
	must(t, res.Body.Close())
	return answer{status: res.StatusCode, header: res.Header}
}

func TestADomainServesItsPoolAlone(t *testing.T) {
	t.Parallel()
	s := newSite(t, "", nil, "auth-host", "auth.example.com")
	_, err := s.SDK().CreateUserPoolDomain(t.Context(), &idp.CreateUserPoolDomainInput{UserPoolId: &s.pool, Domain: ptr("shop")})
	must(t, err)
	other, err := s.SDK().CreateUserPool(t.Context(), &idp.CreateUserPoolInput{PoolName: ptr("other")})
	must(t, err)
	_, err = s.SDK().CreateUserPoolDomain(t.Context(), &idp.CreateUserPoolDomainInput{
		UserPoolId: other.UserPool.Id, Domain: ptr("login.example.com"),
		CustomDomainConfig: &types.CustomDomainConfigType{CertificateArn: ptr("arn:aws:acm:us-east-1:000000000000:certificate/12345678-1234-1234-1234-123456789012")},
	})
	must(t, err)
	request := strings.TrimPrefix(s.authorize(), s.URL)
	for host, want := range map[string]int{
		"shop.auth.example.com": 302, "SHOP.auth.example.com:8443": 302, "nobody.auth.example.com": 404, "login.example.com": 400, "127.0.0.1": 302,
	} {
		if a := s.onHost(t, host, request); a.status != want {
			t.Errorf("on %s the client is answered %d, want %d", host, a.status, want)
		}
	}
	var discovery map[string]any
	for pool, want := range map[string]string{s.pool: "shop.auth.example.com", *other.UserPool.Id: "login.example.com"} {
		res, err := http.Get(s.URL + "/" + pool + "/.well-known/openid-configuration")
		must(t, err)
		must(t, json.NewDecoder(res.Body).Decode(&discovery))
		must(t, res.Body.Close())
		endpoint, _ := discovery["authorization_endpoint"].(string)
		if !strings.HasPrefix(endpoint, "http://"+want+":") || !strings.HasSuffix(endpoint, "/oauth2/authorize") || discovery["issuer"] != s.URL+"/"+pool {
			t.Errorf("discovery of %s: %v", pool, discovery)
		}
	}
}

// A name with a dot at its end is the same one (RFC 1034, section 3.1).
func TestAHostIsFoundByItsFullName(t *testing.T) {
	t.Parallel()
	s := newSite(t, "", nil, "auth-host", "auth.example.com")
	other, err := s.SDK().CreateUserPool(t.Context(), &idp.CreateUserPoolInput{PoolName: ptr("other")})
	must(t, err)
	_, err = s.SDK().CreateUserPoolDomain(t.Context(), &idp.CreateUserPoolDomainInput{
		UserPoolId: other.UserPool.Id, Domain: ptr("login.example.com"),
		CustomDomainConfig: &types.CustomDomainConfigType{CertificateArn: ptr("arn:aws:acm:us-east-1:000000000000:certificate/12345678-1234-1234-1234-123456789012")},
	})
	must(t, err)
	_, err = s.SDK().CreateUserPoolDomain(t.Context(), &idp.CreateUserPoolDomainInput{UserPoolId: other.UserPool.Id, Domain: ptr("shop")})
	must(t, err)
	without := newSite(t, "", nil)
	for _, tc := range []struct {
		site *site
		host string
		want int
	}{
		{s, "login.example.com.", 400},
		{s, "login.example.com.:8443", 400},
		{s, "shop.auth.example.com.", 400},
		{s, "nobody.auth.example.com.", 404},
		{s, "localhost.", 302},
		{without, "localhost.", 302},
		{without, "any.example.com.", 302},
	} {
		if a := tc.site.onHost(t, tc.host, strings.TrimPrefix(tc.site.authorize(), tc.site.URL)); a.status != tc.want {
			t.Errorf("on %s the client is answered %d, want %d", tc.host, a.status, tc.want)
		}
	}
}

func TestTheMainAddressMayLieBelowTheAuthHost(t *testing.T) {
	t.Parallel()
	s := newSite(t, "", nil)
	s.Stop(t)
	main := cenotetest.Start(t, cenotetest.Options{DataDir: s.DataDir, Settings: map[string]string{"public-url": "https://id.example.com", "auth-host": "example.com"}})
	for host, want := range map[string]int{"id.example.com": 302, "ID.example.com:443": 302, "nobody.example.com": 404} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, strings.TrimPrefix(s.authorize(), s.URL), nil)
		r.Host = host
		w := httptest.NewRecorder()
		main.Handler.ServeHTTP(w, r)
		if w.Code != want {
			t.Errorf("on %s the client is answered %d, want %d", host, w.Code, want)
		}
	}
}

// Who comes by a provider is signed in at the pool's own address, wherever the sign-in began: silent requests find the session there, and signing out
// ends it.
func TestASessionAtThePoolsAddressIsFoundFromTheMainOne(t *testing.T) {
	databases(t, func(t *testing.T, database string) {
		s := newOIDCSite(t, database, nil, "auth-host", "auth.localhost")
		_, err := s.SDK().CreateUserPoolDomain(t.Context(), &idp.CreateUserPoolDomainInput{UserPoolId: &s.pool, Domain: ptr("shop")})
		must(t, err)
		main, err := url.Parse(s.URL)
		must(t, err)
		b := newBrowser(t)
		transport := &http.Transport{DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, network, main.Host)
		}}
		t.Cleanup(transport.CloseIdleConnections)
		b.client.Transport = transport
		// visit opens an address and follows redirects from host to host until the application.
		visit := func(address string) *browser {
			for b.open(address); b.status == http.StatusFound && b.at.Host != "app.example.com"; {
				b.open(b.at.String())
			}
			return b
		}
		enter := func() {
			t.Helper()
			visit(s.authorize("identity_provider", "Corp")).shows("Development provider")
			q := b.at.Query()
			q.Set("person", "ann")
			if got := visit(b.at.Scheme + "://" + b.at.Host + b.at.Path + "?" + q.Encode()).arrived(); got.Get("code") == "" {
				t.Fatalf("the application got %v", got)
			}
		}
		out := func(pairs ...string) string {
			q := url.Values{"client_id": {s.client}}
			for i := 0; i < len(pairs); i += 2 {
				q.Set(pairs[i], pairs[i+1])
			}
			return s.URL + "/logout?" + q.Encode()
		}
		enter()
		if got := visit(s.authorize("prompt", "none")).arrived(); got.Get("code") == "" || got.Get("state") != "a b&c" {
			t.Errorf("asked in silence at the main address: %v", got)
		}
		if visit(out("logout_uri", goodbye)); b.at.String() != goodbye {
			t.Errorf("signed out, the browser is at %s", b.at)
		}
		if got := visit(s.authorize("prompt", "none")).arrived(); got.Get("error") != "login_required" {
			t.Errorf("after signing out: %v", got)
		}
		enter()
		if visit(out("redirect_uri", callback, "response_type", "code")); b.at.Path != "/login" || b.status != http.StatusOK {
			t.Errorf("signed out to sign in again, the browser is at %s", b.at)
		}
		if got := visit(s.authorize("prompt", "none")).arrived(); got.Get("error") != "login_required" {
			t.Errorf("after signing out to sign in again: %v", got)
		}
		enter()
		if visit(out("post_logout_redirect_uri", goodbye, "state", "x y")); b.at.String() != goodbye+"?state=x+y" {
			t.Errorf("signed out by post_logout_redirect_uri, the browser is at %s", b.at)
		}
	})
}
