package oauth_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cenote-id/cenote/internal/cenotetest"
	"github.com/cenote-id/cenote/internal/cenotetest/pgtest"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/wire"
)

// object is a JSON object, for what the official client does not know yet.
type object = map[string]any

// operate calls an operation.
func (s *site) operate(t *testing.T, operation string, in object) object {
	t.Helper()
	body, err := json.Marshal(in)
	must(t, err)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+"/", bytes.NewReader(body))
	must(t, err)
	r.Header.Set("X-Amz-Target", "AWSCognitoIdentityProviderService."+operation)
	r.Header.Set("Content-Type", "application/x-amz-json-1.1")
	a := ask(t, r)
	if a.status != http.StatusOK {
		t.Fatalf("%s: %d %s", operation, a.status, a.text)
	}
	return a.body
}

// newOpenSite is a site in whose pool applications register themselves, as the changes of its configuration say.
func newOpenSite(t *testing.T, database string, changes object, pairs ...string) *site {
	t.Helper()
	s := newSite(t, database, nil, pairs...)
	configuration := object{"EnableStatus": "Enabled", "AllowedScopes": []string{"api/read", "api/gone"}}
	maps.Copy(configuration, changes)
	s.operate(t, "UpdateUserPool", object{"UserPoolId": s.pool, "AutoVerifiedAttributes": []string{"email"}, "DcrConfiguration": configuration})
	return s
}

// registeredClients lists the clients that registered themselves.
func (s *site) registeredClients(t *testing.T) []any {
	t.Helper()
	list, _ := s.operate(t, "ListUserPoolClients", object{"UserPoolId": s.pool, "ClientType": "DCR"})["UserPoolClients"].([]any)
	return list
}

// register sends client metadata with the initial access token, if there is one.
func (s *site) register(t *testing.T, initial, metadata string) answer {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+"/"+s.pool+"/oauth2/register", strings.NewReader(metadata))
	must(t, err)
	r.Header.Set("Content-Type", "application/json")
	if initial != "" {
		r.Header.Set("Authorization", "Bearer "+initial)
	}
	return ask(t, r)
}

// registrar makes a client that may register others, and returns a token of it.
func (s *site) registrar(t *testing.T) string {
	t.Helper()
	made, err := s.SDK().CreateUserPoolClient(t.Context(), &idp.CreateUserPoolClientInput{
		UserPoolId: &s.pool, ClientName: ptr("registrar"), GenerateSecret: true, AllowedOAuthFlowsUserPoolClient: true,
		AllowedOAuthFlows: []types.OAuthFlowType{"client_credentials"}, AllowedOAuthScopes: []string{"aws.cognito/dcr/register"},
	})
	must(t, err)
	a := s.post(t, "/oauth2/token", *made.UserPoolClient.ClientId, *made.UserPoolClient.ClientSecret, "grant_type", "client_credentials", "scope", "aws.cognito/dcr/register")
	return a.token(t, "access_token")
}

// addScope gives the pool a resource server with a scope.
func (s *site) addScope(t *testing.T) {
	t.Helper()
	_, err := s.SDK().CreateResourceServer(t.Context(), &idp.CreateResourceServerInput{
		UserPoolId: &s.pool, Identifier: ptr("api"), Name: ptr("api"), Scopes: []types.ResourceServerScopeType{{ScopeName: ptr("read"), ScopeDescription: ptr("r")}},
	})
	must(t, err)
}

func TestAnApplicationRegistersItselfAndSignsPeopleIn(t *testing.T) {
	databases(t, func(t *testing.T, database string) {
		s := newOpenSite(t, database, nil)
		s.addScope(t)
		s.addUser(t, "ann@example.com")
		a := s.register(t, s.registrar(t), `{"client_name":"Tool (local)","redirect_uris":["`+callback+`","http://127.0.0.1:5000/cb"],"grant_types":["authorization_code","refresh_token"],
			"scope":"openid email api/read offline_access aws.cognito.signin.user.admin","token_endpoint_auth_method":"client_secret_post","logo_uri":"https://evil.example.com/x.png"}`)
		if a.status != http.StatusCreated || a.body["client_name"] != "Tool -local-" || a.body["scope"] != "openid email api/read" || a.body["client_secret_expires_at"] != 0.0 ||
			a.body["token_endpoint_auth_method"] != "client_secret_post" || a.body["logo_uri"] != nil || !strings.Contains(a.header.Get("Cache-Control"), "no-store") {
			t.Fatalf("answered %d %v: %s", a.status, a.header, a.text)
		}
		id, secret := a.token(t, "client_id"), a.token(t, "client_secret")
		c, _ := s.operate(t, "DescribeUserPoolClient", object{"UserPoolId": s.pool, "ClientId": id})["UserPoolClient"].(object)
		if c["ClientType"] != "DCR" || fmt.Sprint(c["ExplicitAuthFlows"]) != "[ALLOW_REFRESH_TOKEN_AUTH]" || fmt.Sprint(c["CallbackURLs"]) != "["+callback+" http://127.0.0.1:5000/cb]" {
			t.Errorf("client %v", c)
		}
		if listed := s.registeredClients(t); len(listed) != 1 {
			t.Errorf("listed %v", listed)
		}
		s.client = id
		code := newBrowser(t).open(s.authorize("scope", "openid email api/read")).signIn("ann@example.com").arrived().Get("code")
		out := s.post(t, "/oauth2/token", "", "", "client_id", id, "client_secret", secret, "grant_type", "authorization_code", "code", code, "redirect_uri", callback)
		if c := claims(t, out.token(t, "access_token")); c["scope"] != "openid email api/read" || c["client_id"] != id {
			t.Errorf("access token %v", c)
		}
		_, err := s.SDK().DeleteUserPoolClient(t.Context(), &idp.DeleteUserPoolClientInput{UserPoolId: &s.pool, ClientId: &id})
		must(t, err)
		newBrowser(t).open(s.authorize()).shows("does not exist")
	})
}

func TestRegistrationIsForThoseThatThePoolLets(t *testing.T) {
	t.Parallel()
	const metadata = `{"redirect_uris":["https://app.example.com/callback"]}`
	for _, off := range []*site{newSite(t, "", nil), newOpenSite(t, "", object{"EnableStatus": "Disabled", "OpenDcrEnabled": true})} {
		off.register(t, "", metadata).is(t, 404, "not_found")
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, off.URL+"/"+off.pool+"/.well-known/openid-configuration", nil)
		must(t, err)
		if a := ask(t, r); a.body["registration_endpoint"] != nil {
			t.Errorf("discovery names %v", a.body["registration_endpoint"])
		}
	}
	s := newOpenSite(t, "", nil)
	s.addUser(t, "ann@example.com")
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+"/"+s.pool+"/.well-known/openid-configuration", nil)
	must(t, err)
	if a := ask(t, r); a.body["registration_endpoint"] != s.URL+"/"+s.pool+"/oauth2/register" {
		t.Errorf("discovery names %v", a.body["registration_endpoint"])
	}
	other := newOpenSite(t, "", nil)
	user := s.tokens(t, newBrowser(t).open(s.authorize()).signIn("ann@example.com").arrived().Get("code"))
	good := s.registrar(t)
	for name, initial := range map[string]string{
		"no token": "", "nonsense": "x", "a user's token": user.token(t, "access_token"), "an ID token": user.token(t, "id_token"),
		"a token of another pool": other.registrar(t), "a forged token": good[:len(good)-8] + "AAAAAAAA",
	} {
		a := s.register(t, initial, metadata)
		if a.is(t, 401, "invalid_token"); !strings.HasPrefix(a.header.Get("WWW-Authenticate"), "Bearer") || a.header.Get("Access-Control-Allow-Origin") != "*" {
			t.Errorf("%s is answered %v", name, a.header)
		}
	}
	if a := s.register(t, good, metadata); a.status != 201 {
		t.Errorf("the token of a registrar is answered %d %s", a.status, a.text)
	}
	s.Advance(t, time.Hour)
	s.register(t, good, metadata).is(t, 401, "invalid_token")

	for _, path := range []string{"/us-east-1_none/oauth2/register", "/%00/oauth2/register", "/oauth2/register"} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+path, strings.NewReader(metadata))
		must(t, err)
		r.Header.Set("Content-Type", "application/json")
		ask(t, r).is(t, 404, "not_found")
	}
}

func TestOpenRegistrationOnADomain(t *testing.T) {
	t.Parallel()
	s := newOpenSite(t, "", object{"OpenDcrEnabled": true}, "auth-host", "auth.example.com")
	_, err := s.SDK().CreateUserPoolDomain(t.Context(), &idp.CreateUserPoolDomainInput{UserPoolId: &s.pool, Domain: ptr("shop")})
	must(t, err)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+"/"+s.pool+"/.well-known/openid-configuration", nil)
	must(t, err)
	if named, _ := ask(t, r).body["registration_endpoint"].(string); !strings.HasPrefix(named, "http://shop.auth.example.com:") || !strings.HasSuffix(named, "/oauth2/register") {
		t.Errorf("discovery names %s", named)
	}
	r, err = http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+"/oauth2/register", strings.NewReader(`{"redirect_uris":["https://app.example.com/callback"],"token_endpoint_auth_method":"none"}`))
	must(t, err)
	r.Host = "shop.auth.example.com"
	r.Header.Set("Content-Type", "application/json; charset=utf-8")
	a := ask(t, r)
	if a.status != 201 || a.body["client_secret"] != nil || a.body["client_secret_expires_at"] != nil || a.body["scope"] != "openid email phone profile" || fmt.Sprint(a.body["response_types"]) != "[code]" {
		t.Errorf("answered %d %s", a.status, a.text)
	}
	s.register(t, "x", `{"redirect_uris":["https://app.example.com/callback"]}`).is(t, 401, "invalid_token") // a bad token is no missing one
	s.register(t, "", `{"grant_types":["client_credentials"]}`).is(t, 400, "invalid_client_metadata")        // not among OpenDcrGrantTypes
}

func TestRegistrationsThatAreRefused(t *testing.T) {
	databases(t, func(t *testing.T, database string) {
		s := newOpenSite(t, database, object{"OpenDcrEnabled": true})
		s.addScope(t)
		for _, address := range []string{
			"http://app.example.com/", "app://callback", "com.example.app:/callback", "javascript:alert(1)", "data:text/html,x", "https://app.example.com/#x", "https://app.example.com/*",
			"https://*.example.com/", "https://user:pw@app.example.com/", "https://app.example.com;script-src/", `https://app.example.com\\@evil.example.com/`, "https:///x", "//app.example.com/",
			"https://app.example.com/ x", "https://app.example.com/\\u0000", "https://app.example.com/\\n", "http://localhost.evil.example.com/", "http://127.0.0.1.evil.example.com/",
			"https://" + strings.Repeat("a", 1100) + ".example.com/", "", "callback", "https://App.example.com/", "https://\\u0430pp.example.com/",
		} {
			a := s.register(t, "", `{"redirect_uris":["`+address+`"]}`)
			if a.is(t, 400, "invalid_redirect_uri"); a.status == 201 {
				t.Errorf("%s is registered", address)
			}
			s.register(t, "", `{"redirect_uris":["https://app.example.com/"],"post_logout_redirect_uris":["`+address+`"]}`).is(t, 400, "invalid_redirect_uri")
		}
		many, err := json.Marshal(map[string][]string{"redirect_uris": strings.Fields(strings.Repeat("https://app.example.com/ ", 11))})
		must(t, err)
		for metadata, code := range map[string]string{
			`{}`: "invalid_redirect_uri", `{"redirect_uris":[]}`: "invalid_redirect_uri", string(many): "invalid_redirect_uri",
			``: "invalid_client_metadata", `null`: "invalid_client_metadata", `[]`: "invalid_client_metadata", `"x"`: "invalid_client_metadata", `{"redirect_uris":"https://app.example.com/"}`: "invalid_client_metadata",
			`{"redirect_uris":["https://app.example.com/"],"redirect_uris":[]}`:                                        "invalid_client_metadata",
			`{"redirect_uris":["https://app.example.com/"],"grant_types":["password"]}`:                                "invalid_client_metadata",
			`{"redirect_uris":["https://app.example.com/"],"grant_types":["implicit"]}`:                                "invalid_client_metadata",
			`{"redirect_uris":["https://app.example.com/"],"response_types":["token"]}`:                                "invalid_client_metadata",
			`{"redirect_uris":["https://app.example.com/"],"token_endpoint_auth_method":"private_key_jwt"}`:            "invalid_client_metadata",
			`{"redirect_uris":["https://app.example.com/"],"scope":"aws.cognito/dcr/register api/gone offline"}`:       "invalid_client_metadata",
			`{"redirect_uris":["https://app.example.com/"],"scope":"email"}x`:                                          "invalid_client_metadata",
			`{"client_name":"` + strings.Repeat("x", 70<<10) + `","redirect_uris":["https://app.example.com/"]}`:       "invalid_client_metadata",
			`{"redirect_uris":["https://app.example.com/"],"grant_types":["authorization_code","client_credentials"]}`: "invalid_client_metadata",
		} {
			s.register(t, "", metadata).is(t, 400, code)
		}
		if listed := s.registeredClients(t); len(listed) != 0 {
			t.Errorf("refused, but made: %v", listed)
		}
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+"/"+s.pool+"/oauth2/register", strings.NewReader(`{"redirect_uris":["https://app.example.com/"]}`))
		must(t, err)
		ask(t, r).is(t, 400, "invalid_client_metadata") // no content type
		if a := s.register(t, "", `{"client_name":"`+`<script>\u0000é`+strings.Repeat("x", 200)+`","redirect_uris":["http://[::1]:8080/cb","http://localhost/"]}`); a.status != 201 || len(a.token(t, "client_name")) != 128 {
			t.Errorf("answered %d %s", a.status, a.text)
		}
	})
}

// A machine registers with the grants of authenticated registration, and gets the custom scopes that the pool allows.
func TestAMachineRegistersItself(t *testing.T) {
	t.Parallel()
	s := newOpenSite(t, "", nil)
	s.addScope(t)
	initial := s.registrar(t)
	a := s.register(t, initial, `{"grant_types":["client_credentials"]}`)
	if a.status != 201 || a.body["scope"] != "api/read" || a.body["redirect_uris"] != nil {
		t.Fatalf("answered %d %s", a.status, a.text)
	}
	out := s.post(t, "/oauth2/token", a.token(t, "client_id"), a.token(t, "client_secret"), "grant_type", "client_credentials")
	if got := claims(t, out.token(t, "access_token"))["scope"]; got != "api/read" {
		t.Errorf("scope %v", got)
	}
	s.register(t, initial, `{"grant_types":["client_credentials"],"token_endpoint_auth_method":"none"}`).is(t, 400, "invalid_client_metadata")
	s.register(t, initial, `{"grant_types":["client_credentials"],"redirect_uris":["https://app.example.com/"]}`).is(t, 400, "invalid_redirect_uri")
}

// A pool may list the implicit flow among what can be registered, and nobody gets it.
func TestTheImplicitFlowCannotBeRegistered(t *testing.T) {
	databases(t, func(t *testing.T, database string) {
		s := newOpenSite(t, database, object{
			"OpenDcrEnabled": true, "OpenDcrGrantTypes": []string{"code", "implicit"}, "AuthenticatedGrantTypes": []string{"implicit", "code"},
		})
		for _, initial := range []string{"", s.registrar(t)} {
			s.register(t, initial, `{"redirect_uris":["`+callback+`"],"grant_types":["implicit"]}`).is(t, 400, "invalid_client_metadata")
			s.register(t, initial, `{"redirect_uris":["`+callback+`"],"grant_types":["authorization_code","implicit"]}`).is(t, 400, "invalid_client_metadata")
		}
		if listed := s.registeredClients(t); len(listed) != 0 {
			t.Errorf("listed %v", listed)
		}
	})
}

// Registered clients support no operations on secrets and cannot register others.
func TestARegisteredClientKeepsItsSecretAndRegistersNobody(t *testing.T) {
	databases(t, func(t *testing.T, database string) {
		s := newOpenSite(t, database, nil)
		a := s.register(t, s.registrar(t), `{"redirect_uris":["`+callback+`"]}`)
		id, secret := a.token(t, "client_id"), a.token(t, "client_secret")
		sdk := s.SDK()
		refused := func(err error) {
			t.Helper()
			var no *types.InvalidParameterException
			if !errors.As(err, &no) {
				t.Errorf("got %v, want an InvalidParameterException", err)
			}
		}
		_, err := sdk.AddUserPoolClientSecret(t.Context(), &idp.AddUserPoolClientSecretInput{UserPoolId: &s.pool, ClientId: &id})
		refused(err)
		_, err = sdk.ListUserPoolClientSecrets(t.Context(), &idp.ListUserPoolClientSecretsInput{UserPoolId: &s.pool, ClientId: &id})
		refused(err)
		_, err = sdk.DeleteUserPoolClientSecret(t.Context(), &idp.DeleteUserPoolClientSecretInput{UserPoolId: &s.pool, ClientId: &id, ClientSecretId: ptr(id + "--1")})
		refused(err)
		_, err = sdk.UpdateUserPoolClient(t.Context(), &idp.UpdateUserPoolClientInput{
			UserPoolId: &s.pool, ClientId: &id, AllowedOAuthFlowsUserPoolClient: true,
			AllowedOAuthFlows: []types.OAuthFlowType{"client_credentials"}, AllowedOAuthScopes: []string{"aws.cognito/dcr/register"},
		})
		refused(err)
		shown, err := sdk.DescribeUserPoolClient(t.Context(), &idp.DescribeUserPoolClientInput{UserPoolId: &s.pool, ClientId: &id})
		must(t, err)
		if c := shown.UserPoolClient; *c.ClientSecret != secret || c.AllowedOAuthFlows[0] != "code" {
			t.Errorf("the client has changed: %v, %v", c.AllowedOAuthFlows, c.AllowedOAuthScopes)
		}
	})
}

// An earlier version let administrators give the scope for registrations to a client that had registered itself. Its tokens register nobody.
func TestATokenOfARegisteredClientRegistersNobody(t *testing.T) {
	t.Parallel()
	database := pgtest.Start(t)
	s := newOpenSite(t, database, nil)
	s.addScope(t)
	const metadata = `{"redirect_uris":["` + callback + `"]}`
	a := s.register(t, s.registrar(t), `{"grant_types":["client_credentials"]}`)
	id, secret := a.token(t, "client_id"), a.token(t, "client_secret")
	data := cenotetest.OpenData(t, cenotetest.Settings(t, "data-dir="+s.DataDir, "database="+database))
	change := func(change func(*wire.UserPoolClientType)) {
		t.Helper()
		must(t, data.Update(t.Context(), func(tx *store.Tx) error {
			p, err := tx.Pool(s.pool)
			if err != nil {
				return err
			}
			c, err := tx.Client(p, id)
			if err != nil {
				return err
			}
			change(&c.Settings)
			return tx.SaveClient(p, c)
		}))
		s.Advance(t, 3*time.Second) // for what is cached
	}
	change(func(c *wire.UserPoolClientType) {
		c.AllowedOAuthScopes = append(c.AllowedOAuthScopes, "aws.cognito/dcr/register")
	})
	token := s.post(t, "/oauth2/token", id, secret, "grant_type", "client_credentials", "scope", "aws.cognito/dcr/register").token(t, "access_token")
	if got := claims(t, token)["scope"]; got != "aws.cognito/dcr/register" {
		t.Fatalf("the token has the scope %v", got)
	}
	s.register(t, token, metadata).is(t, 401, "invalid_token")
	change(func(c *wire.UserPoolClientType) { c.ClientType = "" }) // as if an administrator had made it: nothing else is wrong with the token
	if a := s.register(t, token, metadata); a.status != http.StatusCreated {
		t.Errorf("the token of another client is answered %d %s", a.status, a.text)
	}
}

// Anybody may have registered the application: it learns nothing of people who are signed in, or whom a provider knows, before they have seen on a
// page of ours who asks, and have gone on.
func TestARegisteredApplicationGetsNothingWithoutThePerson(t *testing.T) {
	t.Parallel()
	s := newOIDCSite(t, "", nil)
	s.addUser(t, "ann@example.com")
	b := newBrowser(t).open(s.authorize()).signIn("ann@example.com")
	b.arrived()
	s.operate(t, "UpdateUserPool", object{"UserPoolId": s.pool, "DcrConfiguration": object{"EnableStatus": "Enabled", "OpenDcrEnabled": true}})
	a := s.register(t, "", `{"client_name":"Your bank","redirect_uris":["`+callback+`"],"token_endpoint_auth_method":"none"}`)
	s.client = a.token(t, "client_id")
	const who = "An application that registered itself asks you to sign in: Your bank, at app.example.com."
	if got := b.open(s.authorize("prompt", "none")).arrived(); got.Get("error") != "login_required" {
		t.Errorf("the application got %v", got)
	}
	b.open(s.authorize()).shows(who, "Continue as ann@example.com").submit("/login", "continue", "1")
	s.tokens(t, b.arrived().Get("code")).token(t, "id_token")
	for _, path := range []string{"/signup", "/forgotPassword"} {
		b.open(s.at(path)).shows(who)
	}
	for _, pairs := range [][]string{nil, {"prompt", "login"}, {"max_age", "0"}} {
		b = s.enter(t, newBrowser(t), "ann", "", pairs...).shows(who, "Continue as ann@example.com")
		if got := b.submit("/login", "continue", "1").arrived(); got.Get("code") == "" || got.Get("state") != "a b&c" {
			t.Errorf("with %v the application got %v", pairs, got)
		}
	}
}
