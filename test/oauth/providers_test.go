package oauth_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cenote-id/cenote/internal/standin"
)

// providerSite is a site whose client has users of an identity provider, too.
type providerSite struct {
	*site
	provider string
}

var mapping = map[string]string{"email": "email", "email_verified": "email_verified", "name": "name"}

// newProviderSite makes the provider, and a client whose users sign in by it or, with own, in the pool itself.
func newProviderSite(t testing.TB, database string, kind types.IdentityProviderTypeType, name string, details, attributes map[string]string, own bool, change func(*idp.CreateUserPoolInput), pairs ...string) *providerSite {
	t.Helper()
	s := &providerSite{provider: name, site: newSite(t, database, func(p *idp.CreateUserPoolInput, _ *idp.CreateUserPoolClientInput) {
		p.UsernameAttributes, p.AutoVerifiedAttributes = nil, nil
		p.UsernameConfiguration = &types.UsernameConfigurationType{CaseSensitive: ptr(false)}
		if change != nil {
			change(p)
		}
	}, pairs...)}
	for key, value := range details {
		details[key] = strings.ReplaceAll(value, "{server}", s.URL)
	}
	_, err := s.SDK().CreateIdentityProvider(t.Context(), &idp.CreateIdentityProviderInput{
		UserPoolId: &s.pool, ProviderName: &name, ProviderType: kind, ProviderDetails: details, AttributeMapping: attributes,
	})
	must(t, err)
	s.supports(t, own)
	return s
}

// supports sets how users of the client sign in.
func (s *providerSite) supports(t testing.TB, own bool) {
	t.Helper()
	names := []string{s.provider}
	if own {
		names = append(names, "COGNITO")
	}
	_, err := s.SDK().UpdateUserPoolClient(t.Context(), &idp.UpdateUserPoolClientInput{
		UserPoolId: &s.pool, ClientId: &s.client, AllowedOAuthFlowsUserPoolClient: true, AllowedOAuthFlows: []types.OAuthFlowType{"code", "implicit"},
		AllowedOAuthScopes: []string{"openid", "email", "phone", "profile", "aws.cognito.signin.user.admin"},
		CallbackURLs:       []string{callback}, LogoutURLs: []string{goodbye}, SupportedIdentityProviders: names,
	})
	must(t, err)
}

func newOIDCSite(t testing.TB, database string, change func(*idp.CreateUserPoolInput), pairs ...string) *providerSite {
	t.Helper()
	return newProviderSite(t, database, types.IdentityProviderTypeTypeOidc, "Corp", map[string]string{
		"client_id": "cenote", "client_secret": "secret", "authorize_scopes": "openid email", "attributes_request_method": "GET",
		"oidc_issuer": "{server}/_cenote/idp/oidc",
	}, mapping, true, change, pairs...)
}

// choose signs in at the provider's page as the person, with a fault or none.
func (b *browser) choose(person, fault string) *browser {
	b.t.Helper()
	b.shows("Development provider")
	q := b.at.Query()
	q.Set("person", person)
	q.Set("fault", fault)
	to := *b.at
	to.RawQuery = q.Encode()
	b.open(to.String())
	if strings.Contains(b.page, "Going back") {
		b.submitAnywhere()
	}
	return b
}

// submitAnywhere submits the only form of the page, wherever it goes.
func (b *browser) submitAnywhere() *browser {
	b.t.Helper()
	form := formPattern.FindStringSubmatch(b.page)
	if form == nil {
		b.t.Fatalf("no form on the page:\n%s", b.page)
	}
	path, _, _ := strings.Cut(form[1], "?")
	return b.submit(path)
}

// people replaces who can sign in at the provider.
func (s *providerSite) people(t testing.TB, people ...standin.Person) {
	t.Helper()
	document, err := json.Marshal(people)
	must(t, err)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPut, s.URL+"/_cenote/idp/people", strings.NewReader(string(document)))
	must(t, err)
	if a := ask(t, r); a.status != http.StatusNoContent {
		t.Fatalf("people: %d %s", a.status, a.text)
	}
}

// enter begins at the provider that is asked for, and comes back as the person.
func (s *providerSite) enter(t testing.TB, b *browser, person, fault string, pairs ...string) *browser {
	t.Helper()
	return b.open(s.authorize(append([]string{"identity_provider", s.provider}, pairs...)...)).choose(person, fault)
}

// claims signs the person in and returns the claims of the ID token.
func (s *providerSite) claims(t testing.TB, person string, pairs ...string) map[string]any {
	t.Helper()
	a := s.tokens(t, s.enter(t, newBrowser(t), person, "", append([]string{"scope", "openid profile"}, pairs...)...).arrived().Get("code"))
	return payload(t, a.token(t, "id_token"))
}

func payload(t testing.TB, raw string) map[string]any {
	t.Helper()
	document, err := base64.RawURLEncoding.DecodeString(strings.Split(raw, ".")[1])
	must(t, err)
	var claims map[string]any
	must(t, json.Unmarshal(document, &claims))
	return claims
}

// user returns a user with the attributes by name.
func (s *site) user(t testing.TB, name string) (*idp.AdminGetUserOutput, map[string]string) {
	t.Helper()
	u, err := s.SDK().AdminGetUser(t.Context(), &idp.AdminGetUserInput{UserPoolId: &s.pool, Username: &name})
	must(t, err)
	attributes := map[string]string{}
	for _, a := range u.UserAttributes {
		attributes[*a.Name] = *a.Value
	}
	return u, attributes
}

func TestAUserOfAnOpenIDProviderSignsIn(t *testing.T) {
	databases(t, func(t *testing.T, database string) {
		s := newOIDCSite(t, database, nil)
		b := newBrowser(t).open(s.authorize()).shows("Corp")
		b.open(s.authorize("identity_provider", "Corp", "scope", "openid profile", "nonce", "n-1", "login_hint", "ann", "prompt", "login"))
		if q := b.at.Query(); q.Get("login_hint") != "ann" || q.Get("prompt") != "login" || q.Get("nonce") == "" || q.Get("scope") != "openid email" ||
			q.Get("redirect_uri") != s.URL+"/oauth2/idpresponse" {
			t.Errorf("the provider is asked with %v", q)
		}
		got := b.choose("ann", "").arrived()
		if got.Get("state") != "a b&c" {
			t.Errorf("the application got %v", got)
		}
		claims := payload(t, s.tokens(t, got.Get("code")).token(t, "id_token"))
		identities, _ := claims["identities"].([]any)
		if len(identities) != 1 || claims["nonce"] != "n-1" || claims["cognito:username"] != "corp_ann" || claims["email"] != "ann@example.com" {
			t.Fatalf("claims %v", claims)
		}
		identity, _ := identities[0].(map[string]any)
		if identity["userId"] != "ann" || identity["providerName"] != "Corp" || identity["providerType"] != "OIDC" || identity["primary"] != "true" || identity["issuer"] != nil {
			t.Errorf("identity %v", identity)
		}
		if groups, _ := claims["cognito:groups"].([]any); len(groups) != 1 || groups[0] != s.pool+"_Corp" {
			t.Errorf("groups %v", claims["cognito:groups"])
		}
		u, attributes := s.user(t, "corp_ann")
		if u.UserStatus != "EXTERNAL_PROVIDER" || !u.Enabled || attributes["email_verified"] != "true" || attributes["name"] != "Ann Example" {
			t.Errorf("user %v %v", u.UserStatus, attributes)
		}
		if again := s.claims(t, "ann"); again["sub"] != claims["sub"] || again["nonce"] == nil {
			t.Errorf("the second time: %v", again)
		}
		// Signed in by the provider, the browser needs nobody for the next request, unless another way is asked for.
		b.open(s.authorize("identity_provider", "Corp")).arrived()
		b.open(s.authorize("identity_provider", "COGNITO")).shows("Password")
		b.open(s.authorize("prompt", "none")).arrived()
	})
}

// A browser that knows this machine by another name goes to that of the server first, where it is recognized when it comes back.
func TestASignInByAProviderMayBeginAtLocalhost(t *testing.T) {
	t.Parallel()
	s := newOIDCSite(t, "", nil)
	own, err := url.Parse(s.URL)
	must(t, err)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.authorize("identity_provider", "Corp"), nil)
	must(t, err)
	for host, location := range map[string]string{
		"localhost:" + own.Port(): s.authorize("identity_provider", "Corp"), "[::1]:" + own.Port(): s.authorize("identity_provider", "Corp"),
		own.Host: s.URL + "/_cenote/idp/oidc/authorize?", "127.0.0.1:1": s.URL + "/_cenote/idp/oidc/authorize?", "cenote.internal": s.URL + "/_cenote/idp/oidc/authorize?",
	} {
		b := newBrowser(t)
		r.Host = host
		res, err := b.client.Do(r)
		must(t, err)
		must(t, res.Body.Close())
		if got := res.Header.Get("Location"); !strings.HasPrefix(got, location) {
			t.Errorf("at %s: to %s", host, got)
		}
	}
}

func TestTheOnlyProviderIsGoneToAtOnce(t *testing.T) {
	t.Parallel()
	s := newOIDCSite(t, "", nil)
	_, err := s.SDK().UpdateIdentityProvider(t.Context(), &idp.UpdateIdentityProviderInput{UserPoolId: &s.pool, ProviderName: ptr("Corp"), IdpIdentifiers: []string{"corp.example.com"}})
	must(t, err)
	newBrowser(t).open(s.authorize("idp_identifier", "corp.example.com")).shows("Development provider")
	newBrowser(t).open(s.authorize("idp_identifier", "other.example.com")).shows("Login option is not available. Please try another one")
	s.supports(t, false)
	newBrowser(t).open(s.authorize()).choose("bob", "").arrived()
	newBrowser(t).open(s.authorize("identity_provider", "COGNITO")).shows("Login option is not available. Please try another one")
}

// Applications may send people to the sign-in page directly, with all that a request can have.
func TestTheSignInPageLeadsWhereARequestDoes(t *testing.T) {
	t.Parallel()
	s := newOIDCSite(t, "", nil)
	_, err := s.SDK().UpdateIdentityProvider(t.Context(), &idp.UpdateIdentityProviderInput{UserPoolId: &s.pool, ProviderName: ptr("Corp"), IdpIdentifiers: []string{"corp.example.com"}})
	must(t, err)
	login := func(pairs ...string) string {
		return strings.Replace(s.authorize(pairs...), "/oauth2/authorize", "/login", 1)
	}
	newBrowser(t).open(login()).shows("Password", "Corp")
	b := newBrowser(t)
	if got := b.open(login("prompt", "none")).arrived(); got.Get("error") != "login_required" || got.Get("state") != "a b&c" {
		t.Errorf("without a page: %v", got)
	}
	b.open(login("idp_identifier", "corp.example.com")).choose("ann", "").arrived()
	if got := b.open(login("prompt", "none")).arrived(); got.Get("code") == "" {
		t.Errorf("without a page, for somebody who is signed in: %v", got)
	}
	b.open(login("identity_provider", "Corp")).shows("Continue as")
	newBrowser(t).open(login("identity_provider", "Corp")).choose("ann", "").arrived()
	out := url.Values{"client_id": {s.client}, "redirect_uri": {callback}, "response_type": {"code"}, "identity_provider": {"Corp"}}
	b.open(s.URL+"/logout?"+out.Encode()).shows("Password", "Corp")
	s.supports(t, false)
	newBrowser(t).open(login()).choose("bob", "").arrived()
	_, err = s.SDK().DeleteIdentityProvider(t.Context(), &idp.DeleteIdentityProviderInput{UserPoolId: &s.pool, ProviderName: ptr("Corp")})
	must(t, err)
	newBrowser(t).open(login()).shows("Login option is not available. Please try another one")
}

// Amplify names the pool itself where the application names nothing; the buttons of the page lead on all the same.
func TestAButtonLeadsToItsProviderWhateverTheRequestNames(t *testing.T) {
	t.Parallel()
	s := newOIDCSite(t, "", nil)
	for _, pairs := range [][]string{{"identity_provider", "COGNITO"}, {"identity_provider", ""}} {
		b := newBrowser(t).open(s.authorize(pairs...)).shows("Password", "Corp")
		link := regexp.MustCompile(`class="provider [^"]*" href="([^"]*)"`).FindStringSubmatch(b.page)
		if link == nil {
			t.Fatalf("no button on the page:\n%s", b.page)
		}
		if got := b.open(s.URL+html.UnescapeString(link[1])).choose("ann", "").arrived(); got.Get("code") == "" || got.Get("state") != "a b&c" {
			t.Errorf("with %v the application got %v", pairs, got)
		}
	}
}

func TestAProvidersFaultsAreTold(t *testing.T) {
	t.Parallel()
	s := newOIDCSite(t, "", nil)
	for fault, want := range map[standin.Fault]string{
		standin.Denied: "access_denied/The user said no", standin.TokenError: "invalid_request/Corp Error - 400 error getting token",
		standin.NoIDToken: "invalid_request/Invalid id_token", standin.BadSignature: "invalid_request/Invalid id_token",
		standin.Unsigned: "invalid_request/Invalid id_token", standin.Symmetric: "invalid_request/Invalid id_token",
		standin.EmbeddedKey: "invalid_request/Invalid id_token", standin.TwoAudiences: "invalid_request/Invalid id_token", standin.Early: "invalid_request/Invalid id_token",
		standin.NoKeyID: "invalid_request/Invalid id_token", standin.OtherIssuer: "invalid_request/Invalid id_token",
		standin.OtherAudience: "invalid_request/Invalid id_token", standin.OtherParty: "invalid_request/Invalid id_token",
		standin.OtherNonce: "invalid_request/Invalid id_token", standin.NoNonce: "invalid_request/Invalid id_token",
		standin.Expired: "invalid_request/Invalid id_token", standin.OtherUser: "invalid_request/Corp Error - error getting user info",
		standin.OtherIssParam: "invalid_request/Bad issuer https://other.example.com",
	} {
		got := s.enter(t, newBrowser(t), "ann", string(fault)).arrived()
		if said := got.Get("error") + "/" + got.Get("error_description"); said != want || got.Get("state") != "a b&c" || got.Has("code") {
			t.Errorf("%s: the application got %v, want %s", fault, got, want)
		}
	}
	if _, err := s.SDK().AdminGetUser(t.Context(), &idp.AdminGetUserInput{UserPoolId: &s.pool, Username: ptr("corp_ann")}); err == nil {
		t.Error("a refused sign-in made a user")
	}
}

// rotate makes the provider sign with another key, and publish no other.
func (s *site) rotate(t testing.TB) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+"/_cenote/idp/keys", nil)
	must(t, err)
	if a := ask(t, r); a.status != http.StatusNoContent {
		t.Fatalf("keys: %d %s", a.status, a.text)
	}
}

func TestKeysOfAProviderRotate(t *testing.T) {
	databases(t, func(t *testing.T, database string) {
		s := newOIDCSite(t, database, nil)
		s.claims(t, "ann")
		s.rotate(t)
		s.claims(t, "ann") // by a key that was not known yet
		s.Advance(t, 11*time.Minute)
		if got := s.enter(t, newBrowser(t), "ann", string(standin.RetiredKey)).arrived(); got.Get("error_description") != "Invalid id_token" {
			t.Errorf("by a key that the provider no longer publishes: %v", got)
		}
		s.claims(t, "ann")
	})
}

func TestACodeOfAnotherVisitIsInjectedInVain(t *testing.T) {
	t.Parallel()
	s := newOIDCSite(t, "", nil)
	stolen, err := url.Parse(s.back(t, newBrowser(t), "bob"))
	must(t, err)
	attacker := newBrowser(t)
	own, err := url.Parse(s.back(t, attacker, "ann"))
	must(t, err)
	q := own.Query()
	q.Set("code", stolen.Query().Get("code"))
	if got := attacker.open(s.URL + "/oauth2/idpresponse?" + q.Encode()).arrived(); got.Get("error_description") != "Invalid id_token" || got.Has("code") {
		t.Errorf("the application got %v", got)
	}
}

func TestPublicProviders(t *testing.T) {
	t.Parallel()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	der, err := x509.MarshalPKCS8PrivateKey(key)
	must(t, err)
	for _, c := range []struct {
		kind    types.IdentityProviderTypeType
		details map[string]string
		mapping map[string]string
	}{
		{"Google", map[string]string{"client_id": standin.SocialClient, "client_secret": "s", "authorize_scopes": "profile email openid"}, mapping},
		{"Facebook", map[string]string{"client_id": standin.SocialClient, "client_secret": "s", "authorize_scopes": "public_profile, email"}, mapping},
		{"LoginWithAmazon", map[string]string{"client_id": standin.SocialClient, "client_secret": "s", "authorize_scopes": "profile postal_code"}, mapping},
		{"SignInWithApple", map[string]string{
			"client_id": standin.SocialClient, "team_id": "TEAM", "key_id": "KEY", "private_key": base64.StdEncoding.EncodeToString(der), "authorize_scopes": "email name",
		}, map[string]string{"email": "email", "given_name": "firstName"}},
	} {
		t.Run(string(c.kind), func(t *testing.T) {
			t.Parallel()
			s := newProviderSite(t, "", c.kind, string(c.kind), c.details, c.mapping, true, nil)
			called, renamed := map[types.IdentityProviderTypeType]string{"LoginWithAmazon": "Amazon", "SignInWithApple": "Apple"}[c.kind]
			if !renamed {
				called = string(c.kind)
			}
			newBrowser(t).open(s.authorize()).shows("Continue with " + called + "<")
			claims := s.claims(t, "ann")
			name := strings.ToLower(string(c.kind)) + "_ann"
			if claims["cognito:username"] != name || claims["email"] != "ann@example.com" {
				t.Errorf("claims %v", claims)
			}
			if _, attributes := s.user(t, name); attributes["name"]+attributes["given_name"] == "" {
				t.Errorf("attributes %v", attributes)
			}
			for fault, want := range map[standin.Fault]string{standin.TokenError: "invalid_grant The code has had a fault", standin.NoSubject: "username attribute mapping required"} {
				if fault == standin.NoSubject && c.kind != "Facebook" && c.kind != "LoginWithAmazon" {
					continue
				}
				if got := s.enter(t, newBrowser(t), "ann", string(fault)).arrived(); !strings.Contains(got.Get("error_description"), want) {
					t.Errorf("%s: %v", fault, got)
				}
			}
		})
	}
}

// back returns the address to which the provider would send the person, without following it.
func (s *providerSite) back(t testing.TB, b *browser, person string, pairs ...string) string {
	t.Helper()
	b.open(s.authorize(append([]string{"identity_provider", s.provider}, pairs...)...)).shows("Development provider")
	q := b.at.Query()
	q.Set("person", person)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, b.at.Scheme+"://"+b.at.Host+b.at.Path+"?"+q.Encode(), nil)
	must(t, err)
	res, err := b.client.Do(r)
	must(t, err)
	must(t, res.Body.Close())
	return res.Header.Get("Location")
}

func TestAnAnswerOfAProviderIsGoodForItsBrowserAndOnce(t *testing.T) {
	t.Parallel()
	s := newOIDCSite(t, "", nil)
	attacker := newBrowser(t)
	back := s.back(t, attacker, "bob")
	// Login CSRF: the victim is led to the attacker's answer, with no visit under way and with one.
	victim := newBrowser(t).open(back).shows("Invalid state")
	if victim.status != http.StatusBadRequest {
		t.Errorf("status %d", victim.status)
	}
	s.back(t, victim, "ann")
	victim.open(back).shows("Invalid state")
	u, err := url.Parse(back)
	must(t, err)
	for name, change := range map[string]func(url.Values){
		"no state":      func(q url.Values) { q.Del("state") },
		"a forged one":  func(q url.Values) { q.Set("state", forged(q.Get("state"))) },
		"another pool":  func(q url.Values) { q.Set("state", strings.Replace(q.Get("state"), s.pool, s.PoolID, 1)) },
		"no pool":       func(q url.Values) { q.Set("state", strings.Replace(q.Get("state"), s.pool, "us-east-1_none", 1)) },
		"two states":    func(q url.Values) { q.Add("state", q.Get("state")) },
		"text":          func(q url.Values) { q.Set("state", "x") },
		"another field": func(q url.Values) { q.Set("state", "{}.{}") },
		"no text":       func(q url.Values) { q.Set("state", "\xff.AAAA") },
	} {
		q := u.Query()
		change(q)
		if attacker.open(s.URL + "/oauth2/idpresponse?" + q.Encode()); attacker.status != http.StatusBadRequest {
			t.Errorf("%s: status %d at %s", name, attacker.status, attacker.at)
		}
	}
	attacker.open(back).arrived()
	attacker.open(back).shows("Invalid state")
	slow := newBrowser(t)
	late := s.back(t, slow, "bob")
	s.Advance(t, 6*60*1e9)
	slow.open(late).shows("Invalid state")
}

// What comes back in a provider's name may be of anybody who can send the browser there.
func TestErrorsOfAProviderArePassedOnWithCare(t *testing.T) {
	t.Parallel()
	s := newOIDCSite(t, "", nil)
	for answer, want := range map[string]string{
		"error=access_denied&error_description=gr%C3%BC%C3%9Fe":        "access_denied/grüße",
		"error=access_denied&error_description=a%0Ab":                  "access_denied/a",
		"error=access_denied&error_description=a%0D%0ASet-Cookie%3A+b": "access_denied/a",
		"error=access_denied&error_description=a%00b%1B%5B31m%7F":      "access_denied/ab[31m",
		"error=access_denied&error_description=%FF":                    "access_denied/",
		"error=a%00b&error_description=c":                              "invalid_request/c",
		"error=%22":                                                    "invalid_request/",
		"":                                                             "invalid_request/",
		"error=access_denied&iss=https%3A%2F%2Fother.example.com":      "invalid_request/Bad issuer https://other.example.com",
		"code=c&iss=https%3A%2F%2Fother.example.com":                   "invalid_request/Bad issuer https://other.example.com",
		"error=access_denied&error_description=no&iss=" + url.QueryEscape(s.URL+"/_cenote/idp/oidc"): "access_denied/no",
	} {
		b := newBrowser(t)
		back, err := url.Parse(s.back(t, b, "ann"))
		must(t, err)
		got := b.open(s.URL + back.Path + "?" + url.Values{"state": {back.Query().Get("state")}}.Encode() + "&" + answer).arrived()
		if said := got.Get("error") + "/" + got.Get("error_description"); said != want || got.Get("state") != "a b&c" || got.Has("code") {
			t.Errorf("%s: the application got %v, want %s", answer, got, want)
		}
	}
}
