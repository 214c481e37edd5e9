package oauth_test

import (
	"html"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cenote-id/cenote/internal/standin"
)

// at returns the address of a page with the parameters of an authorization request.
func (s *site) at(path string, pairs ...string) string {
	return strings.Replace(s.authorize(pairs...), "/oauth2/authorize", path, 1)
}

// Whoever makes somebody follow a link must not bring them to a site of their own by way of ours.
func TestNoLinkLeadsToAnUnregisteredAddress(t *testing.T) {
	t.Parallel()
	s := newSite(t, "", nil)
	s.addUser(t, "ann@example.com")
	b := newBrowser(t).open(s.authorize()).signIn("ann@example.com")
	b.arrived()
	for _, evil := range []string{
		"https://evil.example.com/", "//evil.example.com", `\\evil.example.com`, `/\evil.example.com`, "https:evil.example.com", "javascript:alert(1)",
		goodbye + "@evil.example.com", goodbye + ".evil.example.com", "https://app.example.com.evil.example.com/goodbye", goodbye + "\r\nLocation: https://evil.example.com/",
		"data:text/html,<script>alert(1)</script>", goodbye + "/../../evil", "https://APP.example.com/goodbye",
	} {
		for _, link := range []string{
			s.at("/oauth2/authorize", "redirect_uri", evil), s.at("/login", "redirect_uri", evil), s.at("/signup", "redirect_uri", evil),
			s.at("/passkeys/add", "redirect_uri", evil), s.at("/logout", "redirect_uri", evil), s.at("/logout", "redirect_uri", "", "logout_uri", evil),
			s.at("/logout", "redirect_uri", "", "post_logout_redirect_uri", evil), s.at("/error", "redirect_uri", evil, "error", evil, "logout_uri", evil),
			s.at("/oauth2/authorize", "prompt", "none", "redirect_uri", evil), s.at("/oauth2/idpresponse", "redirect_uri", evil, "RelayState", evil),
		} {
			if b.open(link); b.at.Scheme+"://"+b.at.Host != s.URL {
				t.Errorf("%s leads to %s", link, b.at)
			}
			if foreign.MatchString(b.page) {
				t.Errorf("%s shows a link to somewhere else:\n%s", link, b.page)
			}
		}
	}
	for _, path := range []string{"//evil.example.com/login", "/%2f/evil.example.com/", "//evil.example.com/%2e%2e/oauth2/authorize", "/oauth2/../..//evil.example.com", "/login//evil.example.com"} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL, nil)
		must(t, err)
		r.URL.Opaque = path // as it stands
		res, err := http.DefaultTransport.RoundTrip(r)
		must(t, err)
		must(t, res.Body.Close())
		if to, err := r.URL.Parse(res.Header.Get("Location")); err != nil || to.Host != "" && to.Host != r.URL.Host || strings.HasPrefix(res.Header.Get("Location"), "//") {
			t.Errorf("%s leads to %q", path, res.Header.Get("Location"))
		}
	}
}

// What a stranger can write into the address of an error page is not shown: it would be read as ours.
func TestErrorPagesRepeatNoTextOfStrangers(t *testing.T) {
	t.Parallel()
	s := newSite(t, "", nil)
	const lie = "Call +1 555 0100 and tell your password"
	for _, address := range []string{
		s.at("/oauth2/authorize", "client_id", lie), s.at("/logout", "client_id", lie), s.URL + "/error?" + url.Values{"error": {lie}, "error_description": {lie}}.Encode(),
		s.at("/oauth2/authorize", "redirect_uri", "https://app.example.com/"+lie), s.at("/oauth2/authorize", "identity_provider", lie),
		s.URL + "/oauth2/idpresponse?" + url.Values{"error": {lie}, "error_description": {lie}, "state": {lie}}.Encode(),
	} {
		if b := newBrowser(t).open(address); strings.Contains(b.page, "tell your password") || b.status < 400 {
			t.Errorf("%s is answered %d:\n%s", address, b.status, b.page)
		}
	}
}

// everyPage returns pages of each kind, by name, in a browser that is on the way through them.
func (s *site) everyPage(t *testing.T) map[string]*browser {
	t.Helper()
	pages := map[string]*browser{}
	for _, path := range []string{"/login", "/signup", "/forgotPassword"} {
		pages[path] = newBrowser(t).open(s.at(path))
	}
	pages["refused sign-in"] = newBrowser(t).open(s.at("/login")).submit("/login", "username", "nobody@example.com", "password", "wrong")
	pages["confirm"] = newBrowser(t).open(s.at("/signup")).submit("/signup", "username", "page@example.com", "password", password)
	pages["reset"] = newBrowser(t).open(s.at("/forgotPassword")).submit("/forgotPassword", "username", "nobody@example.com")
	known := newBrowser(t).open(s.authorize()).signIn("ann@example.com")
	known.arrived()
	pages["continue as"] = known.open(s.authorize("prompt", "select_account"))
	adding := newBrowser(t).open(s.authorize()).signIn("ann@example.com")
	adding.arrived()
	pages["passkeys"] = adding.open(s.at("/passkeys/add"))
	pages["error"] = newBrowser(t).open(s.URL + "/error")
	pages["unknown client"] = newBrowser(t).open(s.authorize("client_id", "0123456789abcdefghijklmnop"))
	return pages
}

func TestNoPageIsFramed(t *testing.T) {
	t.Parallel()
	s := newSite(t, "", nil)
	s.addUser(t, "ann@example.com")
	for name, b := range s.everyPage(t) {
		if b.header.Get("X-Frame-Options") != "DENY" || !strings.Contains(b.header.Get("Content-Security-Policy"), "frame-ancestors 'none'") {
			t.Errorf("%s may be framed: %v", name, b.header)
		}
		if csp := b.header.Get("Content-Security-Policy"); !strings.HasPrefix(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") || strings.Contains(csp, "*") {
			t.Errorf("%s has the policy %q", name, csp)
		}
		if b.header.Get("Cache-Control") != "no-store" || b.header.Get("Referrer-Policy") == "" {
			t.Errorf("%s is kept or tells where it was: %v", name, b.header)
		}
	}
}

// A form counts if a page of ours made it in this browser: no other site, neighbour or sandboxed frame can send one, even one that knows the
// token because it has set the cookie itself.
func TestFormsOfOtherSitesAreRefused(t *testing.T) {
	t.Parallel()
	s := newSite(t, "", nil)
	s.addUser(t, "ann@example.com")
	const planted = "11111111-1111-4111-8111-111111111111"
	for _, path := range []string{"/login", "/login/continue", "/signup", "/confirm", "/resendcode", "/forgotPassword", "/confirmForgotPassword", "/passkeys/add"} {
		for name, header := range map[string][2]string{
			"another site": {"Origin", "https://evil.example.com"}, "a frame without an origin": {"Origin", "null"}, "another port": {"Origin", "http://127.0.0.1:1"},
			"a neighbour": {"Sec-Fetch-Site", "same-site"}, "another site, by its browser": {"Sec-Fetch-Site", "cross-site"}, "the address bar": {"Sec-Fetch-Site", "none"},
		} {
			form := url.Values{"_csrf": {planted}, "username": {"ann@example.com"}, "password": {password}, "flow": {"x"}}
			r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.at(path), strings.NewReader(form.Encode()))
			must(t, err)
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.Header.Set("Cookie", "XSRF-TOKEN="+planted)
			r.Header.Set(header[0], header[1])
			if a := ask(t, r); a.status != http.StatusForbidden || len(a.header.Values("Set-Cookie")) > 0 {
				t.Errorf("%s: %s is answered %d with %v", path, name, a.status, a.header.Values("Set-Cookie"))
			}
		}
		for name, token := range map[string]string{"no token": "", "another token": "22222222-2222-4222-8222-222222222222"} {
			b := newBrowser(t).open(s.at("/login"))
			if b.post(s.at(path), url.Values{"_csrf": {token}, "username": {"ann@example.com"}, "password": {password}}); b.status != http.StatusForbidden {
				t.Errorf("%s: %s is answered %d", path, name, b.status)
			}
		}
	}
	// Sign-ins are not put into an address.
	b := newBrowser(t).open(s.at("/login", "username", "ann@example.com", "password", password, "continue", "1"))
	if b.shows("Sign in"); strings.Contains(b.page, password) {
		t.Error("the page shows a password from its address")
	}
}

// host asks the server as a browser that reaches it by HTTPS under another name, with the cookies, and returns those that it sets.
func (s *site) host(t *testing.T, method, path, cookies string, form url.Values) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, s.URL+path, strings.NewReader(form.Encode()))
	must(t, err)
	r.Host = "shop.auth.example.com"
	r.Header.Set("Cookie", cookies)
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	res, err := http.DefaultTransport.RoundTrip(r)
	must(t, err)
	defer res.Body.Close()
	page, err := io.ReadAll(res.Body)
	must(t, err)
	return res, string(page)
}

// A page of a neighbouring host can set cookies for all hosts of its domain, but none whose name begins with __Host-. So the session of somebody
// else, which it has tossed, is not the browser's.
func TestACookieOfANeighbourIsNobodysSession(t *testing.T) {
	t.Parallel()
	s := newSite(t, "", nil, "auth-host", "auth.example.com")
	s.addUser(t, "ann@example.com")
	_, err := s.SDK().CreateUserPoolDomain(t.Context(), &idp.CreateUserPoolDomainInput{UserPoolId: &s.pool, Domain: ptr("shop")})
	must(t, err)
	login := strings.TrimPrefix(s.at("/login"), s.URL)
	opened, page := s.host(t, http.MethodGet, login, "", nil)
	token := regexp.MustCompile(`name="_csrf" value="([^"]*)"`).FindStringSubmatch(page)[1]
	for _, c := range opened.Cookies() {
		if !c.Secure || !c.HttpOnly || c.Domain != "" || c.Path != "/" || c.SameSite != http.SameSiteLaxMode {
			t.Errorf("cookie %v", c)
		}
	}
	in, _ := s.host(t, http.MethodPost, login, "XSRF-TOKEN="+token, url.Values{"_csrf": {token}, "username": {"ann@example.com"}, "password": {password}})
	var session *http.Cookie
	for _, c := range in.Cookies() {
		if strings.HasSuffix(c.Name, "cognito") {
			session = c
		}
	}
	if session == nil || session.Name != "__Host-cognito" || !session.Secure || !session.HttpOnly || session.Domain != "" || session.Path != "/" {
		t.Fatalf("the session is kept in %v", session)
	}
	silent := strings.TrimPrefix(s.authorize("prompt", "none"), s.URL)
	for cookies, want := range map[string]string{
		"__Host-cognito=" + session.Value: "?code=", "cognito=" + session.Value: "error=login_required",
		"cognito=" + session.Value + "; __Host-cognito=x": "error=login_required", "__host-cognito=" + session.Value: "error=login_required",
	} {
		if res, _ := s.host(t, http.MethodGet, silent, cookies, nil); !strings.Contains(res.Header.Get("Location"), want) {
			t.Errorf("with %s the browser is sent to %s", cookies[:14], res.Header.Get("Location"))
		}
	}
}

// Who plants a session in a browser before its user signs in does not share it afterwards.
func TestASignInGivesASessionThatNobodyKnew(t *testing.T) {
	t.Parallel()
	s := newSite(t, "", nil)
	s.addUser(t, "ann@example.com")
	s.addUser(t, "eve@example.com")
	attacker := newBrowser(t).open(s.authorize()).signIn("eve@example.com")
	attacker.arrived()
	here, err := url.Parse(s.URL)
	must(t, err)
	planted := attacker.client.Jar.Cookies(here)
	victim := newBrowser(t)
	victim.client.Jar.SetCookies(here, planted)
	victim.open(s.authorize("prompt", "login")).signIn("ann@example.com").arrived()
	for _, c := range victim.client.Jar.Cookies(here) {
		for _, p := range planted {
			if c.Name == "cognito" && p.Name == "cognito" && c.Value == p.Value {
				t.Error("the session of the victim is the one that was planted")
			}
		}
	}
	a := s.tokens(t, victim.open(s.authorize("prompt", "none")).arrived().Get("code"))
	if v := claims(t, a.token(t, "id_token"))["email"]; v != "ann@example.com" {
		t.Errorf("the victim is %v", v)
	}
	if got := attacker.open(s.authorize("prompt", "none")).arrived(); got.Get("error") != "login_required" { // the sign-in has ended what was planted
		t.Errorf("the attacker is answered %v", got)
	}
	for _, made := range []string{"x", s.pool + ":", s.pool + ":AAAA", s.pool + ":" + strings.Repeat("A", 52), strings.Repeat(s.pool+":x/", 500)} {
		b := newBrowser(t)
		b.client.Jar.SetCookies(here, []*http.Cookie{{Name: "cognito", Value: made, Path: "/"}})
		if got := b.open(s.authorize("prompt", "none")).arrived(); got.Get("error") != "login_required" {
			t.Errorf("a made-up session gives %v", got)
		}
	}
}

// A code that was stolen, or that an attacker wants the victim's application to take, is of no use: it belongs to the client, the redirect URI, the
// verifier and the nonce of the one request that it answers.
func TestACodeIsInjectedInVain(t *testing.T) {
	t.Parallel()
	s := newSite(t, "", nil)
	s.addUser(t, "ann@example.com")
	s.addUser(t, "eve@example.com")
	victims, attackers := strings.Repeat("v", 43), strings.Repeat("a", 43)
	with := func(verifier, nonce string) []string {
		return []string{"code_challenge", challengeOf(verifier), "code_challenge_method", "S256", "nonce", nonce}
	}
	stolen := newBrowser(t).open(s.authorize(with(victims, "n-victim")...)).signIn("ann@example.com").arrived().Get("code")
	s.tokens(t, stolen, "code_verifier", attackers).is(t, 400, "invalid_grant") // into the attacker's session with the application
	s.tokens(t, stolen, "code_verifier", victims).is(t, 400, "invalid_grant")   // tried once, gone
	own := newBrowser(t).open(s.authorize(with(attackers, "n-attacker")...)).signIn("eve@example.com").arrived().Get("code")
	s.tokens(t, own, "code_verifier", victims).is(t, 400, "invalid_grant") // into the victim's
	plain := newBrowser(t).open(s.authorize("nonce", "n-attacker")).signIn("eve@example.com").arrived().Get("code")
	if got := claims(t, s.tokens(t, plain).token(t, "id_token"))["nonce"]; got != "n-attacker" { // an application without PKCE sees whose it is
		t.Errorf("nonce %v", got)
	}
	// The challenge cannot be left out on the way: the code of a request without one takes no verifier.
	stripped := newBrowser(t).open(s.authorize()).signIn("ann@example.com").arrived().Get("code")
	s.tokens(t, stripped, "code_verifier", victims).is(t, 400, "invalid_grant")
}

// Two providers of one pool send people back to the same address. What one of them says is never taken for what the other says.
func TestProvidersAreNotMixedUp(t *testing.T) {
	t.Parallel()
	s := newOIDCSite(t, "", nil)
	other := "Other"
	_, err := s.SDK().CreateIdentityProvider(t.Context(), &idp.CreateIdentityProviderInput{
		UserPoolId: &s.pool, ProviderName: &other, ProviderType: types.IdentityProviderTypeTypeOidc, AttributeMapping: mapping,
		ProviderDetails: map[string]string{
			"client_id": "other", "client_secret": "secret", "authorize_scopes": "openid email", "attributes_request_method": "GET", "oidc_issuer": s.URL + "/_cenote/idp/oidc",
		},
	})
	must(t, err)
	_, err = s.SDK().UpdateUserPoolClient(t.Context(), &idp.UpdateUserPoolClientInput{
		UserPoolId: &s.pool, ClientId: &s.client, AllowedOAuthFlowsUserPoolClient: true, AllowedOAuthFlows: []types.OAuthFlowType{"code"},
		AllowedOAuthScopes: []string{"openid", "email"}, CallbackURLs: []string{callback}, SupportedIdentityProviders: []string{"Corp", other},
	})
	must(t, err)
	b := newBrowser(t)
	honest, err := url.Parse(s.back(t, b, "ann"))
	must(t, err)
	s.provider = other
	evil, err := url.Parse(s.back(t, b, "bob"))
	must(t, err)
	mixed := honest.Query() // the answer to the request to one provider has the code of the other
	mixed.Set("code", evil.Query().Get("code"))
	if got := b.open(s.URL + "/oauth2/idpresponse?" + mixed.Encode()).arrived(); got.Get("error") != "invalid_request" || got.Has("code") {
		t.Errorf("the application got %v", got)
	}
	s.provider = "Corp"
	if got := s.enter(t, newBrowser(t), "ann", string(standin.OtherIssParam)).arrived(); !strings.Contains(got.Get("error_description"), "Bad issuer") {
		t.Errorf("the application got %v", got)
	}
}

// Everything that people, administrators and forms put on a page is text there.
func TestNothingOnAPageIsMarkup(t *testing.T) {
	t.Parallel()
	const markup = `"'><img/src=x/onerror=alert(1)>`
	s := newProviderSite(t, "", types.IdentityProviderTypeTypeOidc, `"><b>Corp`, map[string]string{
		"client_id": "cenote", "client_secret": "secret", "authorize_scopes": "openid", "attributes_request_method": "GET", "oidc_issuer": "{server}/_cenote/idp/oidc",
	}, mapping, true, func(p *idp.CreateUserPoolInput) { p.PoolName = ptr("shop, and more") })
	_, err := s.SDK().AdminCreateUser(t.Context(), &idp.AdminCreateUserInput{UserPoolId: &s.pool, Username: ptr(markup), MessageAction: "SUPPRESS", TemporaryPassword: ptr(password)})
	must(t, err)
	clean := func(b *browser, what string) {
		t.Helper()
		if strings.Contains(b.page, "<img") || strings.Contains(b.page, "<b>") || strings.Contains(b.page, "onerror=alert(1)>") || foreign.MatchString(b.page) {
			t.Errorf("%s puts markup on the page:\n%s", what, b.page)
		}
	}
	b := newBrowser(t).open(s.authorize())
	clean(b, "the name of a provider")
	for path, fields := range map[string][]string{
		"/login": {"username", "password", "continue"}, "/signup": {"username", "password", "attribute.email", "attribute.name"}, "/forgotPassword": {"username"},
	} {
		for _, field := range fields {
			form := map[string]string{"username": "x", "password": password, field: markup}
			var pairs []string
			for name, value := range form {
				pairs = append(pairs, name, value)
			}
			clean(newBrowser(t).open(s.at(path)).submit(path, pairs...), path+" with "+field)
		}
	}
	b = newBrowser(t).open(s.at("/login")).submit("/login", "username", markup, "password", password)
	clean(b, "the name of a user")
	for _, field := range []string{"password", "answer", "code", "credential", "email", "flow", "attribute.email", "_csrf"} {
		again := newBrowser(t).open(s.at("/login")).submit("/login", "username", markup, "password", password)
		clean(again.submit("/login/continue", field, markup), "/login/continue with "+field)
	}
	b.submit("/login/continue", "password", "An0ther-horse!").arrived()
	b.open(s.authorize("prompt", "select_account")).shows("Continue as " + markup)
	clean(b, "the user who is signed in")
	if !strings.Contains(b.page, html.EscapeString(markup)) && !strings.Contains(b.page, "&#34;&#39;&gt;") {
		t.Errorf("the name is not on the page:\n%s", b.page)
	}
}

// Whatever is written where a pool or a client is named, it names none.
func TestNoTextIsNoPoolAndNoClient(t *testing.T) {
	databases(t, func(t *testing.T, database string) {
		s := newOIDCSite(t, database, nil)
		b := newBrowser(t)
		s.back(t, b, "ann") // the browser is on its way at a provider
		at := b.at
		for _, text := range []string{"\x00", "\xff", "\xed\xa0\x80", s.pool + "\x00", s.client + "\xff"} {
			q := url.QueryEscape(text)
			for _, address := range []string{
				"/oauth2/idpresponse?code=x&state=" + q + ".AAAA", "/login?response_type=code&client_id=" + q, "/oauth2/authorize?response_type=code&client_id=" + q, "/logout?client_id=" + q,
				"/" + url.PathEscape(text) + "/.well-known/openid-configuration", "/" + url.PathEscape(text) + "/.well-known/jwks.json", "/" + url.PathEscape(text) + "/ui/x/y",
			} {
				if b.open(s.URL + address); b.status < 400 || b.status > 499 {
					t.Errorf("%s is answered %d", address, b.status)
				}
			}
			for path, form := range map[string]url.Values{
				"/oauth2/idpresponse": {"code": {"x"}, "state": {text + ".AAAA"}}, "/saml2/idpresponse": {"SAMLResponse": {"x"}, "RelayState": {text + ".AAAA"}},
				"/saml2/logout": {"SAMLResponse": {"x"}, "RelayState": {text + ".AAAA"}},
			} {
				b.at = at
				if b.post(s.URL+path, form); b.status != http.StatusBadRequest {
					t.Errorf("POST %s with %q is answered %d", path, text, b.status)
				}
			}
		}
	})
}
