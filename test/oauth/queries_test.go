package oauth_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
)

// A parameter that cannot be decoded must not count as absent: without its code_challenge or its scope, a request would ask for more.
func TestAQueryThatCannotBeReadIsRefused(t *testing.T) {
	databases(t, func(t *testing.T, database string) {
		s := newSite(t, database, nil)
		s.addUser(t, "ann@example.com")
		b := newBrowser(t).open(s.authorize()).signIn("ann@example.com")
		b.arrived()
		for _, part := range []string{"code_challenge=%zz", "scope=%zz", "prompt=lo%gin", "nonce=%", "%zz=1"} {
			for _, path := range []string{"/oauth2/authorize", "/login", "/forgotPassword", "/logout", "/oauth2/idpresponse"} {
				b.open(strings.Replace(s.authorize("scope", ""), "/oauth2/authorize", path, 1) + "&" + part)
				if b.status != http.StatusBadRequest || !strings.Contains(b.page, "malformed") {
					t.Errorf("%s at %s is answered %d at %s", part, path, b.status, b.at)
				}
			}
		}
	})
}

func TestASemicolonIsPartOfAValue(t *testing.T) {
	databases(t, func(t *testing.T, database string) {
		s := newSite(t, database, nil)
		s.addUser(t, "ann@example.com")
		address := s.authorize("state", "") + "&state=a;b"
		b := newBrowser(t).open(address)
		b.signIn("ann@example.com")
		if got := b.arrived(); got.Get("state") != "a;b" || got.Get("code") == "" {
			t.Fatalf("the application got %v", got)
		}
		// A script posts the form to the address that it knows.
		b = newBrowser(t).open(address)
		csrf := ""
		for _, c := range b.client.Jar.Cookies(b.at) {
			if strings.HasSuffix(c.Name, "XSRF-TOKEN") {
				csrf = c.Value
			}
		}
		b.post(strings.Replace(address, "/oauth2/authorize", "/login", 1), url.Values{"_csrf": {csrf}, "username": {"ann@example.com"}, "password": {password}})
		code := b.arrived().Get("code")
		body := url.Values{"grant_type": {"authorization_code"}, "client_id": {s.client}, "code": {code}, "redirect_uri": {callback}}.Encode() + "&note=a;b"
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+"/oauth2/token", strings.NewReader(body))
		must(t, err)
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		ask(t, r).token(t, "access_token")
	})
}

// Redirects of the pages carry codes, which nothing on the way may keep.
func TestRedirectsOfPagesAreKeptNowhere(t *testing.T) {
	databases(t, func(t *testing.T, database string) {
		s := newSite(t, database, nil)
		s.addUser(t, "ann@example.com")
		b := newBrowser(t).open(s.authorize()).signIn("ann@example.com")
		b.arrived()
		again := strings.Replace(s.authorize(), "/oauth2/authorize", "/confirm", 1)
		for name, header := range map[string]http.Header{"a code": b.header, "the way back": knock(t, http.MethodGet, again).header} {
			if header.Get("Location") == "" || header.Get("Cache-Control") != "no-store" || header.Get("Referrer-Policy") != "no-referrer" ||
				header.Get("X-Content-Type-Options") != "nosniff" || len(header.Get("X-Amz-Cognito-Request-Id")) != 36 {
				t.Errorf("%s comes with %v", name, header)
			}
		}
	})
}

func TestBlanksBeforeAnAccessToken(t *testing.T) {
	databases(t, func(t *testing.T, database string) {
		s := newSite(t, database, nil)
		s.addUser(t, "ann@example.com")
		access := s.tokens(t, newBrowser(t).open(s.authorize()).signIn("ann@example.com").arrived().Get("code")).token(t, "access_token")
		for _, credentials := range []string{"Bearer " + access, "bearer   " + access} { // RFC 6750, section 2.1: one or more
			r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+"/oauth2/userInfo", nil)
			must(t, err)
			r.Header.Set("Authorization", credentials)
			if a := ask(t, r); a.status != http.StatusOK || a.body["email"] != "ann@example.com" {
				t.Errorf("answered %d %s", a.status, a.text)
			}
		}
	})
}

func TestLogoutRequestsThatMeanTwoThings(t *testing.T) {
	databases(t, func(t *testing.T, database string) {
		s := newSite(t, database, nil)
		s.addUser(t, "ann@example.com")
		made, err := s.SDK().CreateUserPoolClient(t.Context(), &idp.CreateUserPoolClientInput{
			UserPoolId: &s.pool, ClientName: ptr("other"), AllowedOAuthFlowsUserPoolClient: true, AllowedOAuthFlows: []types.OAuthFlowType{"code"},
			AllowedOAuthScopes: []string{"openid"}, CallbackURLs: []string{callback}, LogoutURLs: []string{goodbye}, SupportedIdentityProviders: []string{"COGNITO"},
		})
		must(t, err)
		other := *made.UserPoolClient.ClientId
		b := newBrowser(t)
		hint := s.tokens(t, b.open(s.authorize()).signIn("ann@example.com").arrived().Get("code")).token(t, "id_token")
		for name, query := range map[string]string{
			"two addresses":               url.Values{"client_id": {s.client}, "logout_uri": {goodbye, "https://evil.example.com/"}}.Encode(),
			"two clients":                 url.Values{"client_id": {s.client, other}, "logout_uri": {goodbye}}.Encode(),
			"a client and another's hint": url.Values{"client_id": {other}, "id_token_hint": {hint}, "post_logout_redirect_uri": {goodbye}}.Encode(),
		} {
			if b.open(s.URL + "/logout?" + query); b.status != http.StatusBadRequest {
				t.Errorf("%s: %d at %s", name, b.status, b.at)
			}
			if got := b.open(s.authorize("prompt", "none")).arrived(); got.Get("code") == "" {
				t.Errorf("%s: the browser is signed out, and the person not told where it goes", name)
			}
		}
		b.open(s.URL + "/logout?" + url.Values{"client_id": {s.client}, "id_token_hint": {hint}, "post_logout_redirect_uri": {goodbye}}.Encode()).arrived()
	})
}

// RFC 6749, section 3.3: scopes have spaces between them. With any other white space, a list is one scope that does not exist.
func TestSpacesAloneSeparateScopes(t *testing.T) {
	t.Parallel()
	s := newSite(t, "", nil)
	for scope, want := range map[string]string{
		"openid email": "", "openid  email": "", " openid email ": "", "openid openid": "", "openid\temail": "invalid_scope", "openid\nemail": "invalid_scope",
		"openid\u00a0email": "invalid_scope", "openid\u3000email": "invalid_scope", "openid+email": "invalid_scope", "openid,email": "invalid_scope", "OPENID": "invalid_scope",
	} {
		if b := newBrowser(t).open(s.authorize("scope", scope)); b.at.Query().Get("error") != want {
			t.Errorf("%q leads to %s", scope, b.at)
		}
	}
	for prompt, want := range map[string]string{"login  consent": "", "login\tconsent": "invalid_request", "login\u00a0consent": "invalid_request"} {
		if b := newBrowser(t).open(s.authorize("prompt", prompt)); b.at.Query().Get("error") != want {
			t.Errorf("%q leads to %s", prompt, b.at)
		}
	}
	_, err := s.SDK().CreateResourceServer(t.Context(), &idp.CreateResourceServerInput{UserPoolId: &s.pool, Identifier: ptr("api"), Name: ptr("api"), Scopes: []types.ResourceServerScopeType{
		{ScopeName: ptr("read"), ScopeDescription: ptr("r")}, {ScopeName: ptr("write"), ScopeDescription: ptr("w")},
	}})
	must(t, err)
	c, err := s.SDK().CreateUserPoolClient(t.Context(), &idp.CreateUserPoolClientInput{
		UserPoolId: &s.pool, ClientName: ptr("machine"), GenerateSecret: true, AllowedOAuthFlowsUserPoolClient: true,
		AllowedOAuthFlows: []types.OAuthFlowType{"client_credentials"}, AllowedOAuthScopes: []string{"api/read", "api/write"},
	})
	must(t, err)
	machine := func(scope string) answer {
		return s.post(t, "/oauth2/token", *c.UserPoolClient.ClientId, *c.UserPoolClient.ClientSecret, "grant_type", "client_credentials", "scope", scope)
	}
	if got := claims(t, machine("api/read  api/write").token(t, "access_token"))["scope"]; got != "api/read api/write" {
		t.Errorf("a machine gets %v", got)
	}
	machine("api/read\tapi/write").is(t, 400, "invalid_scope")
	machine("api/read\u00a0api/write").is(t, 400, "invalid_scope")
}

// OpenID Connect RP-Initiated Logout 1.0, section 2: a request to sign out may be posted. What is posted from another site comes without the cookie
// of the session, so the browser asks again by an address.
func TestARequestToSignOutMayBePosted(t *testing.T) {
	databases(t, func(t *testing.T, database string) {
		s := newSite(t, database, nil)
		s.addUser(t, "ann@example.com")
		post := func(kind, body string) answer {
			t.Helper()
			r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+"/logout", strings.NewReader(body))
			must(t, err)
			r.Header.Set("Content-Type", kind)
			res, err := http.DefaultTransport.RoundTrip(r)
			must(t, err)
			must(t, res.Body.Close())
			return answer{status: res.StatusCode, header: res.Header}
		}
		const form = "application/x-www-form-urlencoded"
		b := newBrowser(t)
		b.open(s.authorize()).signIn("ann@example.com").arrived()
		body := url.Values{"client_id": {s.client}, "post_logout_redirect_uri": {goodbye}, "state": {"a b&c"}}.Encode()
		a := post(form, body)
		if a.status != http.StatusSeeOther {
			t.Fatalf("answered %d %v", a.status, a.header)
		}
		if b.open(s.URL + a.header.Get("Location")); b.at.String() != goodbye+"?state=a+b%26c" {
			t.Errorf("signed out, the browser is at %s", b.at)
		}
		if got := b.open(s.authorize("prompt", "none")).arrived(); got.Get("error") != "login_required" {
			t.Errorf("the browser is still signed in: %v", got)
		}
		doubled := post(form, body+"&client_id="+s.client)
		if b.open(s.URL + doubled.header.Get("Location")); b.status != http.StatusBadRequest {
			t.Errorf("a doubled parameter is answered %d at %s", b.status, b.at)
		}
		for kind, body := range map[string]string{"application/json": `{"client_id":"x"}`, "": body, form: "client_id=%zz", form + "; charset=utf-8": "x=" + strings.Repeat("a", 20<<10)} {
			if a := post(kind, body); a.status != http.StatusBadRequest {
				t.Errorf("%q with %.20q is answered %d", kind, body, a.status)
			}
		}
	})
}
