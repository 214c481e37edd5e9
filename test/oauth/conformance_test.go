package oauth_test

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/coreos/go-oidc/v3/oidc"
)

// plan is what the plans of the OpenID conformance suite run on: a client with a secret, and a user who has every claim.
type plan struct{ *site }

const planUser = "ann@example.com"

func newPlan(t *testing.T) plan {
	t.Helper()
	p := plan{newSite(t, "", func(_ *idp.CreateUserPoolInput, c *idp.CreateUserPoolClientInput) { c.GenerateSecret = true })}
	p.addUser(t, planUser)
	var attributes []types.AttributeType
	for name, value := range map[string]string{
		"name": "Ann Example", "given_name": "Ann", "family_name": "Example", "phone_number": "+15555550100", "phone_number_verified": "true",
		"address": "1 Main Street", "birthdate": "1990-01-02", "zoneinfo": "Europe/Paris", "updated_at": "1700000000",
	} {
		attributes = append(attributes, types.AttributeType{Name: &name, Value: &value})
	}
	_, err := p.SDK().AdminUpdateUserAttributes(t.Context(), &idp.AdminUpdateUserAttributesInput{UserPoolId: &p.pool, Username: ptr(planUser), UserAttributes: attributes})
	must(t, err)
	return p
}

// signedIn signs the user in by a request with the parameters, and returns the browser and what the application got.
func (p plan) signedIn(t *testing.T, pairs ...string) (*browser, url.Values) {
	t.Helper()
	b := newBrowser(t).open(p.authorize(append([]string{"nonce", "n-1"}, pairs...)...)).signIn(planUser)
	return b, b.arrived()
}

// exchange exchanges the code by HTTP Basic.
func (p plan) exchange(t *testing.T, code string) answer {
	t.Helper()
	return p.post(t, "/oauth2/token", p.client, p.secret, "grant_type", "authorization_code", "code", code, "redirect_uri", callback)
}

// verified verifies the ID token and returns its claims.
func (p plan) verified(t *testing.T, a answer) map[string]any {
	t.Helper()
	provider, err := oidc.NewProvider(t.Context(), p.URL+"/"+p.pool)
	must(t, err)
	id, err := provider.Verifier(&oidc.Config{ClientID: p.client, Now: p.Now}).Verify(t.Context(), a.token(t, "id_token"))
	must(t, err)
	must(t, id.VerifyAccessToken(a.token(t, "access_token")))
	var c map[string]any
	must(t, id.Claims(&c))
	return c
}

// claimsOf signs in with the scope and returns the claims of the ID token and of the user info.
func (p plan) claimsOf(t *testing.T, scope string) (id, info map[string]any) {
	t.Helper()
	_, got := p.signedIn(t, "scope", scope)
	a := p.exchange(t, got.Get("code"))
	return p.verified(t, a), p.userInfo(t, a.token(t, "access_token")).body
}

// has checks that the claims have the names and lack others.
func has(t *testing.T, claims map[string]any, names, others []string) {
	t.Helper()
	for _, name := range names {
		if claims[name] == nil {
			t.Errorf("no %s in %v", name, claims)
		}
	}
	for _, name := range others {
		if claims[name] != nil {
			t.Errorf("%s is in %v", name, claims)
		}
	}
}

// succeeds checks that a request with the parameters ends like one without.
func (p plan) succeeds(pairs ...string) func(*testing.T) {
	return func(t *testing.T) {
		t.Parallel()
		_, got := p.signedIn(t, pairs...)
		if got.Get("state") != "a b&c" || got.Has("error") {
			t.Fatalf("the application got %v", got)
		}
		if c := p.verified(t, p.exchange(t, got.Get("code"))); c["nonce"] != "n-1" {
			t.Errorf("claims %v", c)
		}
	}
}

// TestOpenIDBasicPlan is the basic profile: oidcc-basic-certification-test-plan, module by module. Where the service differs from the
// standard, a comment says so and the service's way is held.
func TestOpenIDBasicPlan(t *testing.T) {
	t.Parallel()
	p := newPlan(t)
	for name, module := range map[string]func(*testing.T){
		"oidcc-server": p.succeeds(),
		"oidcc-ensure-other-scope-order-succeeds":                   p.succeeds("scope", "email openid"),
		"oidcc-display-page":                                        p.succeeds("display", "page"),
		"oidcc-display-popup":                                       p.succeeds("display", "popup"),
		"oidcc-ensure-request-with-unknown-parameter-succeeds":      p.succeeds("extra", "foobar"),
		"oidcc-ui-locales":                                          p.succeeds("ui_locales", "se"),
		"oidcc-claims-locales":                                      p.succeeds("claims_locales", "se"),
		"oidcc-ensure-request-with-acr-values-succeeds":             p.succeeds("acr_values", "1 2"),
		"oidcc-response-type-missing":                               p.responseTypeMissing,
		"oidcc-idtoken-signature":                                   p.idTokenSignature,
		"oidcc-userinfo-get":                                        p.userInfoGet,
		"oidcc-userinfo-post-header":                                p.userInfoPostHeader,
		"oidcc-userinfo-post-body":                                  p.userInfoPostBody,
		"oidcc-ensure-request-without-nonce-succeeds-for-code-flow": p.withoutNonce,
		"oidcc-scope-profile":                                       p.scopeProfile,
		"oidcc-scope-email":                                         p.scopeEmail,
		"oidcc-scope-phone":                                         p.scopePhone,
		"oidcc-scope-address":                                       p.scopeAddress,
		"oidcc-scope-all":                                           p.scopeAll,
		"oidcc-prompt-login":                                        p.promptLogin,
		"oidcc-prompt-none-not-logged-in":                           p.promptNoneNotLoggedIn,
		"oidcc-prompt-none-logged-in":                               p.promptNoneLoggedIn,
		"oidcc-max-age-10000":                                       p.maxAge10000,
		"oidcc-id-token-hint":                                       p.idTokenHint,
		"oidcc-login-hint":                                          p.loginHint,
		"oidcc-codereuse":                                           p.codeReuse,
		"oidcc-ensure-registered-redirect-uri":                      p.registeredRedirectURI,
		"oidcc-ensure-post-request-succeeds":                        p.postRequest,
		"oidcc-server-client-secret-post":                           p.clientSecretPost,
		"oidcc-request-uri-unsigned-supported-correctly-or-rejected-as-unsupported":    p.requestURI,
		"oidcc-unsigned-request-object-supported-correctly-or-rejected-as-unsupported": p.requestObject,
		"oidcc-ensure-request-object-with-redirect-uri":                                p.requestObjectWithRedirectURI,
		"oidcc-claims-essential":                        p.claimsEssential,
		"oidcc-refresh-token":                           p.refreshToken,
		"oidcc-ensure-request-with-valid-pkce-succeeds": p.validPKCE,
	} {
		t.Run(name, module)
	}
}

// These move the clock, which the other modules of the plan must not notice.
func TestOpenIDBasicPlanWithTime(t *testing.T) {
	t.Parallel()
	p := newPlan(t)
	t.Run("oidcc-max-age-1", func(t *testing.T) {
		b, got := p.signedIn(t)
		first := p.verified(t, p.exchange(t, got.Get("code")))
		p.Advance(t, 2*time.Second)
		b.open(p.authorize("max_age", "1")).shows("Password").signIn(planUser)
		second := p.verified(t, p.exchange(t, b.arrived().Get("code")))
		if a, b := number(first["auth_time"]), number(second["auth_time"]); b <= a {
			t.Errorf("auth_time %v, then %v", a, b)
		}
	})
	t.Run("oidcc-codereuse-30seconds", func(t *testing.T) {
		_, got := p.signedIn(t)
		first := p.exchange(t, got.Get("code"))
		access := first.token(t, "access_token")
		p.Advance(t, 30*time.Second)
		p.exchange(t, got.Get("code")).is(t, 400, "invalid_grant")
		if a := p.userInfo(t, access); a.status != http.StatusUnauthorized {
			t.Errorf("the access token of the first exchange is answered %d", a.status)
		}
	})
}

func number(v any) float64 { n, _ := v.(float64); return n }

func (p plan) responseTypeMissing(t *testing.T) {
	t.Parallel()
	if got := newBrowser(t).open(p.authorize("response_type", "")).arrived(); got.Get("error") != "invalid_request" || got.Get("state") != "a b&c" {
		t.Errorf("the application got %v", got)
	}
}

func (p plan) idTokenSignature(t *testing.T) {
	t.Parallel()
	_, got := p.signedIn(t)
	a := p.exchange(t, got.Get("code"))
	c := p.verified(t, a)
	header, err := base64.RawURLEncoding.DecodeString(strings.Split(a.token(t, "id_token"), ".")[0])
	must(t, err)
	if !strings.Contains(string(header), `"alg":"RS256"`) || !strings.Contains(string(header), `"kid":`) {
		t.Errorf("header %s", header)
	}
	has(t, c, []string{"iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "at_hash"}, nil)
}

func (p plan) userInfoGet(t *testing.T) {
	t.Parallel()
	id, info := p.claimsOf(t, "openid")
	if info["sub"] != id["sub"] {
		t.Errorf("user info %v of %v", info, id)
	}
}

func (p plan) userInfoPostHeader(t *testing.T) {
	t.Parallel()
	_, got := p.signedIn(t)
	a := p.exchange(t, got.Get("code"))
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.URL+"/oauth2/userInfo", nil)
	must(t, err)
	r.Header.Set("Authorization", "Bearer "+a.token(t, "access_token"))
	if info := ask(t, r); info.body["sub"] != p.verified(t, a)["sub"] {
		t.Errorf("user info %s", info.text)
	}
}

// The service takes access tokens in the header alone (RFC 6750, section 2.2, is optional).
func (p plan) userInfoPostBody(t *testing.T) {
	t.Parallel()
	_, got := p.signedIn(t)
	p.post(t, "/oauth2/userInfo", "", "", "access_token", p.exchange(t, got.Get("code")).token(t, "access_token")).is(t, 400, "invalid_request")
}

func (p plan) withoutNonce(t *testing.T) {
	t.Parallel()
	_, got := p.signedIn(t, "nonce", "")
	has(t, p.verified(t, p.exchange(t, got.Get("code"))), []string{"sub"}, []string{"nonce"})
}

// On the service, profile opens every attribute that the client may read, and scopes fill the ID token as well as the user info.
func (p plan) scopeProfile(t *testing.T) {
	t.Parallel()
	id, info := p.claimsOf(t, "openid profile")
	for _, c := range []map[string]any{id, info} {
		has(t, c, []string{"name", "given_name", "family_name", "birthdate", "zoneinfo", "updated_at", "email", "phone_number", "address"}, nil)
	}
}

func (p plan) scopeEmail(t *testing.T) {
	t.Parallel()
	id, info := p.claimsOf(t, "openid email")
	for _, c := range []map[string]any{id, info} {
		has(t, c, []string{"email", "email_verified"}, []string{"name", "phone_number", "address"})
	}
	if id["email_verified"] != true || info["email_verified"] != "true" { // the user info of the service has strings only
		t.Errorf("email_verified is %v and %v", id["email_verified"], info["email_verified"])
	}
}

func (p plan) scopePhone(t *testing.T) {
	t.Parallel()
	id, info := p.claimsOf(t, "openid phone")
	for _, c := range []map[string]any{id, info} {
		has(t, c, []string{"phone_number", "phone_number_verified"}, []string{"name", "email", "address"})
	}
}

// The service has no scope of this name; discovery does not list it.
func (p plan) scopeAddress(t *testing.T) {
	t.Parallel()
	if got := newBrowser(t).open(p.authorize("scope", "openid address")).arrived(); got.Get("error") != "invalid_scope" {
		t.Errorf("the application got %v", got)
	}
}

func (p plan) scopeAll(t *testing.T) {
	t.Parallel()
	id, _ := p.claimsOf(t, "openid profile email phone")
	has(t, id, []string{"name", "email", "email_verified", "phone_number", "phone_number_verified", "address"}, nil)
}

func (p plan) promptLogin(t *testing.T) {
	t.Parallel()
	b, got := p.signedIn(t)
	first := p.verified(t, p.exchange(t, got.Get("code")))
	b.open(p.authorize("prompt", "login")).shows("Password")
	if strings.Contains(b.page, "Continue as") {
		t.Error("the user may go on without signing in")
	}
	second := p.verified(t, p.exchange(t, b.signIn(planUser).arrived().Get("code")))
	if first["sub"] != second["sub"] || first["origin_jti"] == second["origin_jti"] {
		t.Errorf("claims %v, then %v", first, second)
	}
}

func (p plan) promptNoneNotLoggedIn(t *testing.T) {
	t.Parallel()
	got := newBrowser(t).open(p.authorize("prompt", "none")).arrived()
	if got.Get("error") != "login_required" || got.Get("state") != "a b&c" || got.Has("code") {
		t.Errorf("the application got %v", got)
	}
}

func (p plan) promptNoneLoggedIn(t *testing.T) {
	t.Parallel()
	b, got := p.signedIn(t)
	first := p.verified(t, p.exchange(t, got.Get("code")))
	second := p.verified(t, p.exchange(t, b.open(p.authorize("prompt", "none")).arrived().Get("code")))
	if first["sub"] != second["sub"] || first["auth_time"] != second["auth_time"] {
		t.Errorf("claims %v, then %v", first, second)
	}
}

func (p plan) maxAge10000(t *testing.T) {
	t.Parallel()
	b, got := p.signedIn(t, "max_age", "10000")
	first := p.verified(t, p.exchange(t, got.Get("code")))
	second := p.verified(t, p.exchange(t, b.open(p.authorize("max_age", "10000")).arrived().Get("code")))
	if first["auth_time"] == nil || first["auth_time"] != second["auth_time"] {
		t.Errorf("auth_time %v, then %v", first["auth_time"], second["auth_time"])
	}
}

// The service ignores the hint: whoever is signed in stays so.
func (p plan) idTokenHint(t *testing.T) {
	t.Parallel()
	b, got := p.signedIn(t)
	a := p.exchange(t, got.Get("code"))
	for _, hint := range []string{a.token(t, "id_token"), "nonsense"} {
		again := b.open(p.authorize("prompt", "none", "id_token_hint", hint)).arrived()
		if c := p.verified(t, p.exchange(t, again.Get("code"))); c["sub"] != p.verified(t, a)["sub"] {
			t.Errorf("claims %v", c)
		}
	}
}

func (p plan) loginHint(t *testing.T) {
	t.Parallel()
	newBrowser(t).open(p.authorize("login_hint", "bob@example.com")).shows(`value="bob@example.com"`).signIn(planUser).arrived()
}

func (p plan) codeReuse(t *testing.T) {
	t.Parallel()
	_, got := p.signedIn(t)
	p.exchange(t, got.Get("code")).token(t, "id_token")
	p.exchange(t, got.Get("code")).is(t, 400, "invalid_grant")
}

func (p plan) registeredRedirectURI(t *testing.T) {
	t.Parallel()
	for _, address := range []string{
		"https://evil.example.com/callback", callback + "/", callback + "?x=1", callback + "/../evil", callback + "#x", "https://app.example.com/Callback",
		"https://APP.example.com/callback", "https://app.example.com:443/callback", "http://app.example.com/callback", "https://app.example.com\\@evil.example.com/callback",
		"https://app.example.com@evil.example.com/callback", "//app.example.com/callback", "/callback", "javascript:alert(1)",
	} {
		b := newBrowser(t).open(p.authorize("redirect_uri", address)).shows("An error was encountered with the requested page.")
		if b.status != http.StatusBadRequest || b.header.Get("Location") != "" {
			t.Errorf("%s is answered %d with %v", address, b.status, b.header)
		}
	}
}

// The service takes authorization requests by GET alone, though OpenID Connect Core 1.0, section 3.1.2.1, wants POST too.
func (p plan) postRequest(t *testing.T) {
	t.Parallel()
	if a := knock(t, http.MethodPost, p.authorize()); a.status != http.StatusMethodNotAllowed || a.header.Get("Allow") != "GET, HEAD" {
		t.Errorf("answered %d, Allow %q", a.status, a.header.Get("Allow"))
	}
}

func (p plan) clientSecretPost(t *testing.T) {
	t.Parallel()
	_, got := p.signedIn(t)
	p.verified(t, p.post(t, "/oauth2/token", "", "", "client_id", p.client, "client_secret", p.secret, "grant_type", "authorization_code",
		"code", got.Get("code"), "redirect_uri", callback))
}

// Request objects are nothing to the service: it ignores them, and fetches nothing. The parameters beside them count.
func (p plan) requestURI(t *testing.T) {
	p.succeeds("request_uri", p.URL+"/_cenote/nothing")(t)
}

func (p plan) requestObject(t *testing.T) {
	object, err := json.Marshal(map[string]string{"client_id": p.client, "state": "of the object", "nonce": "of the object", "scope": "openid profile"})
	must(t, err)
	p.succeeds("request", base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none"}`))+"."+base64.RawURLEncoding.EncodeToString(object)+".")(t)
}

func (p plan) requestObjectWithRedirectURI(t *testing.T) {
	t.Parallel()
	object, err := json.Marshal(map[string]string{"client_id": p.client, "redirect_uri": "https://evil.example.com/callback"})
	must(t, err)
	request := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none"}`)) + "." + base64.RawURLEncoding.EncodeToString(object) + "."
	if b, got := p.signedIn(t, "request", request); !strings.HasPrefix(b.at.String(), callback) || !got.Has("code") {
		t.Errorf("the browser is at %s", b.at)
	}
}

// The service ignores the parameter: scopes alone decide on claims.
func (p plan) claimsEssential(t *testing.T) {
	t.Parallel()
	_, got := p.signedIn(t, "scope", "openid email", "claims", `{"userinfo":{"name":{"essential":true}},"id_token":{"name":{"essential":true}}}`)
	a := p.exchange(t, got.Get("code"))
	has(t, p.verified(t, a), []string{"email"}, []string{"name"})
	has(t, p.userInfo(t, a.token(t, "access_token")).body, []string{"email"}, []string{"name"})
}

// There is no offline_access: every code gives a refresh token, bound to its client.
func (p plan) refreshToken(t *testing.T) {
	t.Parallel()
	_, got := p.signedIn(t)
	first := p.exchange(t, got.Get("code"))
	refresh := []string{"grant_type", "refresh_token", "refresh_token", first.token(t, "refresh_token")}
	next := p.post(t, "/oauth2/token", p.client, p.secret, refresh...)
	one, two := p.verified(t, first), p.verified(t, next)
	for _, name := range []string{"iss", "sub", "aud", "auth_time"} {
		if one[name] != two[name] {
			t.Errorf("%s is %v after a refresh, was %v", name, two[name], one[name])
		}
	}
	p.post(t, "/oauth2/token", p.client, "x", refresh...).is(t, 400, "invalid_client")
}

func (p plan) validPKCE(t *testing.T) {
	t.Parallel()
	verifier := strings.Repeat("0123456789abcdef", 3)
	_, got := p.signedIn(t, "code_challenge", challengeOf(verifier), "code_challenge_method", "S256")
	p.verified(t, p.post(t, "/oauth2/token", p.client, p.secret, "grant_type", "authorization_code", "code", got.Get("code"), "redirect_uri", callback, "code_verifier", verifier))
}

// TestOpenIDConfigPlan is the config profile: oidcc-config-certification-test-plan.
func TestOpenIDConfigPlan(t *testing.T) {
	t.Parallel()
	p := newPlan(t)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, p.URL+"/"+p.pool+"/.well-known/openid-configuration", nil)
	must(t, err)
	a := ask(t, r)
	t.Run("oidcc-discovery-endpoint-verification", func(t *testing.T) {
		t.Parallel()
		if a.status != 200 || a.header.Get("Content-Type") != "application/json" || a.body["issuer"] != p.URL+"/"+p.pool {
			t.Fatalf("%d %v: %s", a.status, a.header, a.text)
		}
		has(t, a.body, []string{
			"authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri", "end_session_endpoint", "revocation_endpoint", "scopes_supported",
			"response_types_supported", "subject_types_supported", "id_token_signing_alg_values_supported", "token_endpoint_auth_methods_supported",
		}, []string{
			// What there is not must not be named. Nor does the service name what it ignores.
			"registration_endpoint", "introspection_endpoint", "device_authorization_endpoint", "pushed_authorization_request_endpoint", "check_session_iframe",
			"request_parameter_supported", "request_uri_parameter_supported", "claims_parameter_supported", "response_modes_supported", "acr_values_supported",
		})
		if list, _ := a.body["id_token_signing_alg_values_supported"].([]any); len(list) != 1 || list[0] != "RS256" {
			t.Errorf("algorithms %v", list)
		}
		for name, endpoint := range a.body {
			if address, ok := endpoint.(string); ok && !strings.HasPrefix(address, p.URL+"/") {
				t.Errorf("%s is %s", name, address)
			}
		}
		for name, want := range map[string]int{"authorization_endpoint": 400, "token_endpoint": 405, "userinfo_endpoint": 400, "end_session_endpoint": 400, "revocation_endpoint": 405, "jwks_uri": 200} {
			address, _ := a.body[name].(string)
			if got := knock(t, http.MethodGet, address); got.status != want {
				t.Errorf("%s is answered %d, want %d: is there nothing?", name, got.status, want)
			}
		}
	})
	t.Run("oidcc-discovery-jwks", func(t *testing.T) {
		t.Parallel()
		address, _ := a.body["jwks_uri"].(string)
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
		must(t, err)
		keys, _ := ask(t, r).body["keys"].([]any)
		var ids []string
		for _, key := range keys {
			k, _ := key.(map[string]any)
			has(t, k, []string{"kid", "n", "e"}, []string{"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
			if n, _ := k["n"].(string); k["kty"] != "RSA" || k["alg"] != "RS256" || k["use"] != "sig" || len(n) < 342 {
				t.Errorf("key %v", k)
			}
			id, _ := k["kid"].(string)
			ids = append(ids, id)
		}
		if len(ids) < 2 || len(slices.Compact(slices.Sorted(slices.Values(ids)))) != len(ids) {
			t.Errorf("key ids %v", ids)
		}
	})
}

// TestOpenIDFormPostPlan is the form post profile: oidcc-formpost-basic-certification-test-plan. The service does not document response_mode,
// so it is ignored, discovery does not promise form_post, and answers stay where the response type has them.
func TestOpenIDFormPostPlan(t *testing.T) {
	t.Parallel()
	p := newPlan(t)
	t.Run("oidcc-server", p.succeeds("response_mode", "form_post"))
	t.Run("oidcc-prompt-none-not-logged-in", func(t *testing.T) {
		t.Parallel()
		b := newBrowser(t).open(p.authorize("prompt", "none", "response_mode", "form_post"))
		if got := b.arrived(); got.Get("error") != "login_required" || b.at.Fragment != "" {
			t.Errorf("the application got %v", b.at)
		}
	})
	t.Run("oidcc-response-type-missing", func(t *testing.T) {
		t.Parallel()
		if got := newBrowser(t).open(p.authorize("response_type", "", "response_mode", "form_post")).arrived(); got.Get("error") != "invalid_request" {
			t.Errorf("the application got %v", got)
		}
	})
	t.Run("oidcc-ensure-registered-redirect-uri", func(t *testing.T) {
		t.Parallel()
		b := newBrowser(t).open(p.authorize("redirect_uri", "https://evil.example.com/", "response_mode", "form_post")).shows("An error was encountered")
		if strings.Contains(b.page, "<form") {
			t.Errorf("the page has a form:\n%s", b.page)
		}
	})
	t.Run("response_mode query does not take tokens out of the fragment", func(t *testing.T) {
		t.Parallel()
		b, got := p.signedIn(t, "response_type", "token", "response_mode", "query")
		if b.at.RawQuery != "" || !got.Has("access_token") {
			t.Errorf("the application got %v", b.at)
		}
	})
}
