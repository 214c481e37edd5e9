package oauth_test

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// badValues are values that no parameter is meant to have.
var badValues = map[string]string{
	"empty": "", "a null character": "a\x00b", "bytes that are no text": "a\xff", "a header of its own": "a\r\nSet-Cookie: evil=1", "long": strings.Repeat("a", 20<<10),
	"markup": `"'><script>alert(1)</script>`, "a script": "javascript:alert(1)", "an address": "https://evil.example.com/", "no scheme": "//evil.example.com/", "a list": "a b c",
}

// parameters are all that an authorization request may have, those that the service ignores among them.
var parameters = []string{
	"client_id", "redirect_uri", "response_type", "scope", "state", "nonce", "code_challenge", "code_challenge_method", "identity_provider",
	"idp_identifier", "login_hint", "lang", "prompt", "max_age", "resource", "response_mode", "request", "request_uri", "claims", "acr_values",
	"id_token_hint", "ui_locales", "logout_uri", "post_logout_redirect_uri",
}

// foreign finds what would lead a person elsewhere, or load something from there.
var foreign = regexp.MustCompile(`(?i)(href|action|src|url|content)\s*=\s*"(javascript:|//|https?:)`)

// knock sends a request and follows no redirect.
func knock(t testing.TB, method, address string) answer {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, address, nil)
	must(t, err)
	res, err := http.DefaultTransport.RoundTrip(r)
	must(t, err)
	must(t, res.Body.Close())
	return answer{status: res.StatusCode, header: res.Header}
}

func TestBadValuesOfParametersHarmNobody(t *testing.T) {
	databases(t, func(t *testing.T, database string) {
		s := newSite(t, database, nil)
		for _, path := range []string{"/oauth2/authorize", "/login", "/signup", "/forgotPassword", "/logout", "/passkeys/add", "/error"} {
			for _, name := range parameters {
				for kind, value := range badValues {
					u, err := url.Parse(s.URL + path)
					must(t, err)
					q := url.Values{"client_id": {s.client}, "response_type": {"code"}, "redirect_uri": {callback}, "scope": {"openid"}}
					q.Set(name, value)
					u.RawQuery = q.Encode()
					b := newBrowser(t).open(u.String())
					if b.status >= 500 || strings.Contains(strings.Join(b.header.Values("Set-Cookie"), "\n"), "evil=") {
						t.Errorf("%s: %s in %s is answered %d %v", path, kind, name, b.status, b.header)
					}
					if to := b.at.Scheme + "://" + b.at.Host; to != s.URL && !strings.HasPrefix(b.at.String(), callback+"?") {
						t.Errorf("%s: %s in %s leads to %s", path, kind, name, b.at)
					}
					if strings.Contains(b.page, "<script>") || b.at.Host != "app.example.com" && foreign.MatchString(b.page) {
						t.Errorf("%s: %s in %s is on the page:\n%s", path, kind, name, b.page)
					}
				}
			}
		}
	})
}

func TestBadValuesInFormsOfProgramsAreRefused(t *testing.T) {
	databases(t, func(t *testing.T, database string) {
		s := newSite(t, database, nil)
		codes := []string{"invalid_request", "invalid_client", "invalid_grant", "invalid_scope", "unauthorized_client", "unsupported_grant_type"}
		for _, grant := range []string{"authorization_code", "refresh_token", "client_credentials"} {
			for _, name := range []string{"client_id", "client_secret", "grant_type", "code", "redirect_uri", "code_verifier", "refresh_token", "scope", "aws_client_metadata"} {
				for kind, value := range badValues {
					form := map[string]string{"client_id": s.client, "grant_type": grant, "code": "x", "redirect_uri": callback, "refresh_token": "x"}
					form[name] = value
					var pairs []string
					for name, value := range form {
						pairs = append(pairs, name, value)
					}
					a := s.post(t, "/oauth2/token", "", "", pairs...)
					if code, _ := a.body["error"].(string); a.status != 400 || !slices.Contains(codes, code) || a.header.Get("Access-Control-Allow-Origin") != "*" {
						t.Errorf("%s with %s in %s is answered %d %s", grant, kind, name, a.status, a.text)
					}
				}
			}
		}
		for kind, value := range badValues {
			s.post(t, "/oauth2/revoke", "", "", "client_id", value, "token", "x").is(t, 401, "invalid_client")
			if a := s.post(t, "/oauth2/revoke", "", "", "client_id", s.client, "token", value); a.status != 200 && a.body["error"] != "invalid_request" {
				t.Errorf("revoking %s is answered %d %s", kind, a.status, a.text)
			}
			if value = strings.Map(printable, value); value != "" {
				if a := s.userInfo(t, value); a.status != 401 && a.status != 400 {
					t.Errorf("userInfo with %s is answered %d %s", kind, a.status, a.text)
				}
			}
		}
	})
}

// printable leaves out what a header cannot hold.
func printable(r rune) rune {
	if r < ' ' || r > '~' {
		return -1
	}
	return r
}

// Without a value, a parameter counts as absent (RFC 6749, section 3.1).
func TestEmptyParametersCountAsAbsent(t *testing.T) {
	t.Parallel()
	s := newSite(t, "", nil)
	s.addUser(t, "ann@example.com")
	query := url.Values{}
	for _, name := range parameters {
		if !slices.Contains([]string{"client_id", "redirect_uri", "response_type", "scope", "nonce"}, name) {
			query.Set(name, "")
		}
	}
	got := newBrowser(t).open(s.authorize("state", "") + "&" + query.Encode()).signIn("ann@example.com").arrived()
	if got.Get("code") == "" || len(got) != 1 {
		t.Fatalf("the application got %v", got)
	}
	s.tokens(t, got.Get("code"), "code_verifier", "", "client_secret", "", "scope", "", "refresh_token", "").token(t, "id_token")
}

// The service has pages at these addresses in the middle of a sign-in, and the documentation has two spellings of one.
func TestAPageInTheMiddleLeadsToTheBeginning(t *testing.T) {
	t.Parallel()
	s := newSite(t, "", nil)
	for _, path := range []string{
		"/confirm", "/confirmForgotPassword", "/confirmforgotPassword", "/confirmforgotpassword", "/signup/confirm", "/resetPassword", "/changePassword",
		"/mfa", "/mfaOption", "/mfaRegister", "/login/continue",
	} {
		b := newBrowser(t).open(s.at(path)).shows("Sign in")
		if b.at.Path != "/login" || b.at.Query().Get("client_id") != s.client {
			t.Errorf("%s leads to %s", path, b.at)
		}
	}
}

func TestMethodsOfEndpoints(t *testing.T) {
	t.Parallel()
	s := newSite(t, "", nil, "account-pages", "true")
	methods := []string{"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"}
	for path, want := range map[string]string{
		"/oauth2/authorize": "GET, HEAD", "/authorize": "GET, HEAD", "/logout": "GET, HEAD, POST", "/oauth2/idpresponse": "GET, HEAD, POST",
		"/saml2/idpresponse": "POST", "/saml2/logout": "POST",
		"/oauth2/token": "OPTIONS, POST", "/oauth2/revoke": "OPTIONS, POST", "/oauth2/userInfo": "GET, HEAD, OPTIONS, POST",
		"/oauth2/register": "OPTIONS, POST", "/" + s.pool + "/oauth2/register": "OPTIONS, POST",
		"/" + s.pool + "/.well-known/openid-configuration": "GET, HEAD, OPTIONS", "/" + s.pool + "/.well-known/jwks.json": "GET, HEAD, OPTIONS",
		"/.well-known/openid-configuration": "GET, HEAD, OPTIONS", "/.well-known/jwks_uri": "GET, HEAD, OPTIONS",
		"/login": "GET, HEAD, POST", "/login/continue": "GET, HEAD, POST", "/signup": "GET, HEAD, POST", "/signup/confirm": "GET, HEAD", "/mfa": "GET, HEAD",
		"/passkeys/add": "GET, HEAD, POST", "/confirmUser": "GET, HEAD", "/feedback": "GET, HEAD", "/error": "GET, HEAD",
		"/account": "GET, HEAD", "/account/verify": "GET, HEAD, POST", "/": "GET, HEAD, OPTIONS, POST", "/healthz": "GET, HEAD", "/imports/a/b": "PUT",
	} {
		var served []string
		shared := strings.Contains(want, "OPTIONS")
		for _, method := range methods {
			a := knock(t, method, s.URL+path)
			allow := a.header.Get("Allow")
			if a.status != http.StatusMethodNotAllowed {
				served = append(served, method)
			} else if allow != want {
				t.Errorf("%s %s is refused with Allow %q, want %q", method, path, allow, want)
			}
			if method == http.MethodOptions && path != "/" && shared && (a.status != http.StatusNoContent || allow != want) {
				t.Errorf("OPTIONS %s is answered %d with Allow %q, want %q", path, a.status, allow, want)
			}
			if got := a.header.Get("Access-Control-Allow-Origin"); path != "/" && got != map[bool]string{true: "*"}[shared] {
				t.Errorf("%s %s: other origins: %q", method, path, got)
			}
		}
		if got := strings.Join(served, ", "); got != want {
			t.Errorf("%s serves %s, want %s", path, got, want)
		}
	}
	preflight, err := http.NewRequestWithContext(t.Context(), http.MethodOptions, s.URL+"/oauth2/userInfo", nil)
	must(t, err)
	preflight.Header.Set("Access-Control-Request-Headers", "authorization,x-amz-user-agent")
	if a := ask(t, preflight); a.header.Get("Access-Control-Allow-Headers") != "authorization,x-amz-user-agent" || !strings.Contains(a.header.Get("Access-Control-Allow-Methods"), "GET") {
		t.Errorf("a preflight is answered %v", a.header)
	}
}

func TestHeadersOfAnswers(t *testing.T) {
	t.Parallel()
	s := newSite(t, "", nil)
	program, page := "no-cache, no-store, max-age=0, must-revalidate", "no-store"
	for path, kept := range map[string]string{
		strings.TrimPrefix(s.authorize(), s.URL): program, "/oauth2/authorize": page, "/logout": page, "/error": page, "/login": page,
		strings.TrimPrefix(strings.Replace(s.authorize(), "/oauth2/authorize", "/login", 1), s.URL): page, "/oauth2/userInfo": program,
	} {
		a := knock(t, http.MethodGet, s.URL+path)
		if a.header.Get("Cache-Control") != kept || len(a.header.Get("X-Amz-Cognito-Request-Id")) != 36 || a.header.Get("X-Frame-Options") != "DENY" ||
			a.header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s is answered %d with %v", path, a.status, a.header)
		}
	}
	a := s.post(t, "/oauth2/token", "", "")
	if a.header.Get("Content-Type") != "application/json;charset=UTF-8" || a.header.Get("Pragma") != "no-cache" || a.header.Get("Cache-Control") != program || a.header.Get("X-Amz-Cognito-Request-Id") == "" {
		t.Errorf("the token endpoint answers with %v", a.header)
	}
}

// The documentation spells some paths in several ways, and people reload pages that a form led to.
func TestOtherWaysToThePages(t *testing.T) {
	t.Parallel()
	s := newSite(t, "", nil)
	for path, want := range map[string]string{
		"/oauth2/login": "Sign in", "/authorize": "Sign in", "/forgotpassword": "Reset", "/login/continue": "Sign in", "/confirm": "Sign in",
		"/resendcode": "Sign in", "/confirmForgotPassword": "Sign in",
	} {
		if b := newBrowser(t).open(strings.Replace(s.authorize(), "/oauth2/authorize", path, 1)).shows(want); b.status != http.StatusOK {
			t.Errorf("%s is answered %d", path, b.status)
		}
	}
}

// RFC 9110, section 9.2.1: a HEAD has no effect. Programs send one to look over a link that a person has not opened.
func TestAHeadDoesNothing(t *testing.T) {
	databases(t, func(t *testing.T, database string) {
		s := newSite(t, database, nil)
		s.addUser(t, "ann@example.com")
		b := newBrowser(t).open(s.authorize()).signIn("ann@example.com")
		b.arrived()
		signOut := s.URL + "/logout?" + url.Values{"client_id": {s.client}, "logout_uri": {goodbye}}.Encode()
		for _, address := range []string{
			s.authorize(), s.authorize("prompt", "none"), signOut, s.URL + "/oauth2/idpresponse?code=x&state=y", s.at("/passkeys/add"), s.at("/signup/passkey"),
		} {
			r, err := http.NewRequestWithContext(t.Context(), http.MethodHead, address, nil)
			must(t, err)
			res, err := b.client.Do(r)
			must(t, err)
			must(t, res.Body.Close())
			if res.StatusCode != http.StatusNoContent || res.Header.Get("Location") != "" || len(res.Cookies()) > 0 {
				t.Errorf("HEAD %s is answered %d with %v", address, res.StatusCode, res.Header)
			}
		}
		if got := b.open(s.authorize("prompt", "none")).arrived(); got.Get("code") == "" {
			t.Errorf("the browser is signed out: %v", got)
		}
	})
}
