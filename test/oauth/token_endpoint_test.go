package oauth_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
)

func TestTheTokenEndpointRefuses(t *testing.T) {
	t.Parallel()
	s := newSite(t, "", nil)
	secret := newSite(t, "", func(_ *idp.CreateUserPoolInput, c *idp.CreateUserPoolClientInput) { c.GenerateSecret = true })
	post := func(s *site, user, password string, pairs ...string) answer {
		return s.post(t, "/oauth2/token", user, password, pairs...)
	}
	post(s, "", "").is(t, 400, "invalid_client")
	post(s, "", "", "client_id", "nobody").is(t, 400, "invalid_client")
	post(s, "", "", "client_id", s.client).is(t, 400, "invalid_request")
	post(s, "", "", "client_id", s.client, "grant_type", "password").is(t, 400, "unsupported_grant_type")
	post(s, "", "", "client_id", s.client, "grant_type", "authorization_code").is(t, 400, "invalid_request")
	post(s, "", "", "client_id", s.client, "grant_type", "authorization_code", "code", "x").is(t, 400, "invalid_request")
	post(s, "", "", "client_id", s.client, "grant_type", "refresh_token").is(t, 400, "invalid_request")
	post(s, "", "", "client_id", s.client, "grant_type", "refresh_token", "refresh_token", "x").is(t, 400, "invalid_grant")
	post(s, "", "", "client_id", s.client, "grant_type", "client_credentials").is(t, 400, "unauthorized_client")
	post(s, "", "", "client_id", s.client, "client_id", s.client, "grant_type", "refresh_token").is(t, 400, "invalid_request")
	post(s, "", "", "client_id", s.client, "client_secret", "x", "grant_type", "refresh_token", "refresh_token", "x").is(t, 400, "invalid_client")
	post(secret, "", "", "client_id", secret.client, "grant_type", "refresh_token", "refresh_token", "x").is(t, 400, "invalid_client")
	post(secret, secret.client, "wrong", "grant_type", "refresh_token", "refresh_token", "x").is(t, 400, "invalid_client")
	post(secret, secret.client, secret.secret, "grant_type", "refresh_token", "refresh_token", "x").is(t, 400, "invalid_grant")
	post(secret, "", "", "client_id", secret.client, "client_secret", secret.secret, "grant_type", "refresh_token", "refresh_token", "x").is(t, 400, "invalid_grant")
	post(secret, secret.client, secret.secret, "client_secret", secret.secret, "grant_type", "refresh_token").is(t, 400, "invalid_request")

	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+"/oauth2/token", strings.NewReader(`{"grant_type":"refresh_token","client_id":"`+s.client+`"}`))
	must(t, err)
	r.Header.Set("Content-Type", "application/json")
	ask(t, r).is(t, 400, "invalid_request")
	for _, path := range []string{"/oauth2/token", "/oauth2/revoke"} {
		r, err = http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+path, nil)
		must(t, err)
		if a := ask(t, r); a.status != http.StatusMethodNotAllowed || !strings.Contains(a.header.Get("Allow"), "POST") {
			t.Errorf("GET %s answers %d, Allow %q", path, a.status, a.header.Get("Allow"))
		}
		r, err = http.NewRequestWithContext(t.Context(), http.MethodOptions, s.URL+path, nil)
		must(t, err)
		r.Header.Set("Access-Control-Request-Headers", "authorization,x-amz-user-agent")
		if a := ask(t, r); a.status != http.StatusNoContent || a.header.Get("Access-Control-Allow-Origin") != "*" || a.header.Get("Access-Control-Allow-Headers") != "authorization,x-amz-user-agent" {
			t.Errorf("preflight of %s answers %d %v", path, a.status, a.header)
		}
	}
}

func TestMachinesGetTheScopesOfResourceServers(t *testing.T) {
	databases(t, func(t *testing.T, database string) {
		s := newSite(t, database, nil)
		_, err := s.SDK().CreateResourceServer(t.Context(), &idp.CreateResourceServerInput{
			UserPoolId: &s.pool, Identifier: ptr("https://api.example.com"), Name: ptr("api"),
			Scopes: []types.ResourceServerScopeType{{ScopeName: ptr("read"), ScopeDescription: ptr("r")}, {ScopeName: ptr("write"), ScopeDescription: ptr("w")}},
		})
		must(t, err)
		c, err := s.SDK().CreateUserPoolClient(t.Context(), &idp.CreateUserPoolClientInput{
			UserPoolId: &s.pool, ClientName: ptr("machine"), GenerateSecret: true, AllowedOAuthFlowsUserPoolClient: true,
			AllowedOAuthFlows: []types.OAuthFlowType{"client_credentials"}, AllowedOAuthScopes: []string{"https://api.example.com/read", "https://api.example.com/write"},
		})
		must(t, err)
		id, secret := *c.UserPoolClient.ClientId, *c.UserPoolClient.ClientSecret
		out := s.post(t, "/oauth2/token", id, secret, "grant_type", "client_credentials")
		if want := []string{"access_token", "expires_in", "token_type"}; !slices.Equal(sorted(out.body), want) {
			t.Fatalf("got %s", out.text)
		}
		access := claims(t, out.token(t, "access_token"))
		want := []string{"auth_time", "client_id", "exp", "iat", "iss", "jti", "scope", "sub", "token_use", "version"}
		if !slices.Equal(sorted(access), want) || access["sub"] != id || access["scope"] != "https://api.example.com/read https://api.example.com/write" {
			t.Errorf("got %v", access)
		}
		one := s.post(t, "/oauth2/token", id, secret, "grant_type", "client_credentials", "scope", "https://api.example.com/read")
		if c := claims(t, one.token(t, "access_token")); c["scope"] != "https://api.example.com/read" {
			t.Errorf("got %v", c)
		}
		s.post(t, "/oauth2/token", id, secret, "grant_type", "client_credentials", "scope", "openid").is(t, 400, "invalid_scope")
		s.post(t, "/oauth2/token", id, secret, "grant_type", "client_credentials", "aws_client_metadata", "[]").is(t, 400, "invalid_request")
		s.post(t, "/oauth2/token", id, secret, "grant_type", "client_credentials", "aws_client_metadata", "null").is(t, 400, "invalid_request")
		added, err := s.SDK().AddUserPoolClientSecret(t.Context(), &idp.AddUserPoolClientSecretInput{UserPoolId: &s.pool, ClientId: &id})
		must(t, err)
		if a := s.post(t, "/oauth2/token", id, *added.ClientSecretDescriptor.ClientSecretValue, "grant_type", "client_credentials"); a.status != 200 {
			t.Errorf("the second secret is answered %s", a.text)
		}
		a := s.userInfo(t, out.token(t, "access_token"))
		if a.status != 401 || a.header.Get("WWW-Authenticate") != `error="invalid_token", error_description="Access token does not contain openid scope"` {
			t.Errorf("userInfo of a machine answers %d %v", a.status, a.header)
		}
	})
}

func TestMachinesDoNotGetScopesThatAreGone(t *testing.T) {
	databases(t, func(t *testing.T, database string) {
		s := newSite(t, database, nil)
		for _, identifier := range []string{"https://kept.example.com", "https://gone.example.com"} {
			_, err := s.SDK().CreateResourceServer(t.Context(), &idp.CreateResourceServerInput{
				UserPoolId: &s.pool, Identifier: &identifier, Name: ptr("api"),
				Scopes: []types.ResourceServerScopeType{{ScopeName: ptr("read"), ScopeDescription: ptr("r")}, {ScopeName: ptr("write"), ScopeDescription: ptr("w")}},
			})
			must(t, err)
		}
		c, err := s.SDK().CreateUserPoolClient(t.Context(), &idp.CreateUserPoolClientInput{
			UserPoolId: &s.pool, ClientName: ptr("machine"), GenerateSecret: true, AllowedOAuthFlowsUserPoolClient: true,
			AllowedOAuthFlows:  []types.OAuthFlowType{"client_credentials"},
			AllowedOAuthScopes: []string{"https://gone.example.com/read", "https://kept.example.com/read", "https://kept.example.com/write"},
		})
		must(t, err)
		granted := func(scope string) any {
			t.Helper()
			pairs := []string{"grant_type", "client_credentials"}
			if scope != "" {
				pairs = append(pairs, "scope", scope)
			}
			a := s.post(t, "/oauth2/token", *c.UserPoolClient.ClientId, *c.UserPoolClient.ClientSecret, pairs...)
			return claims(t, a.token(t, "access_token"))["scope"]
		}
		if got := granted("https://gone.example.com/read https://kept.example.com/write"); got != "https://gone.example.com/read https://kept.example.com/write" {
			t.Fatalf("before, the scopes are %v", got)
		}
		_, err = s.SDK().DeleteResourceServer(t.Context(), &idp.DeleteResourceServerInput{UserPoolId: &s.pool, Identifier: ptr("https://gone.example.com")})
		must(t, err)
		_, err = s.SDK().UpdateResourceServer(t.Context(), &idp.UpdateResourceServerInput{
			UserPoolId: &s.pool, Identifier: ptr("https://kept.example.com"), Name: ptr("api"),
			Scopes: []types.ResourceServerScopeType{{ScopeName: ptr("read"), ScopeDescription: ptr("r")}},
		})
		must(t, err)
		for _, scope := range []string{"", "https://gone.example.com/read https://kept.example.com/write https://kept.example.com/read"} {
			if got := granted(scope); got != "https://kept.example.com/read" {
				t.Errorf("asked for %q, the machine gets %v", scope, got)
			}
		}
		if got := granted("https://gone.example.com/read"); got != nil {
			t.Errorf("asked for a scope that is gone, the machine gets %v", got)
		}
	})
}

func TestUsersDoNotGetScopesThatAreGone(t *testing.T) {
	databases(t, func(t *testing.T, database string) {
		s := newSite(t, database, nil)
		s.addUser(t, "ann@example.com")
		scopes := []types.ResourceServerScopeType{{ScopeName: ptr("read"), ScopeDescription: ptr("r")}, {ScopeName: ptr("write"), ScopeDescription: ptr("w")}}
		for _, identifier := range []string{"kept", "gone"} {
			_, err := s.SDK().CreateResourceServer(t.Context(), &idp.CreateResourceServerInput{UserPoolId: &s.pool, Identifier: &identifier, Name: ptr("api"), Scopes: scopes})
			must(t, err)
		}
		for _, rotation := range []types.FeatureType{types.FeatureTypeDisabled, types.FeatureTypeEnabled} {
			c, err := s.SDK().CreateUserPoolClient(t.Context(), &idp.CreateUserPoolClientInput{
				UserPoolId: &s.pool, ClientName: ptr("app"), AllowedOAuthFlowsUserPoolClient: true, AllowedOAuthFlows: []types.OAuthFlowType{"code"},
				AllowedOAuthScopes: []string{"openid", "gone/read", "kept/read", "kept/write"}, CallbackURLs: []string{callback}, SupportedIdentityProviders: []string{"COGNITO"},
				ExplicitAuthFlows: []types.ExplicitAuthFlowsType{"ALLOW_USER_SRP_AUTH"}, RefreshTokenRotation: &types.RefreshTokenRotationType{Feature: rotation},
			})
			must(t, err)
			app := *s
			app.client = *c.UserPoolClient.ClientId
			refresh := func(token string) answer {
				return app.post(t, "/oauth2/token", "", "", "grant_type", "refresh_token", "client_id", app.client, "refresh_token", token)
			}
			scope := func(a answer) any { return claims(t, a.token(t, "access_token"))["scope"] }
			b := newBrowser(t)
			code := b.open(app.authorize("scope", "")).signIn("ann@example.com").arrived().Get("code")
			before := app.tokens(t, code)
			if got := scope(before); got != "openid gone/read kept/read kept/write" {
				t.Fatalf("before, the scopes are %v", got)
			}
			code, only := b.open(app.authorize("scope", "kept/write gone/read openid")).arrived().Get("code"), b.open(app.authorize("scope", "gone/read")).arrived().Get("code")
			_, err = s.SDK().DeleteResourceServer(t.Context(), &idp.DeleteResourceServerInput{UserPoolId: &s.pool, Identifier: ptr("gone")})
			must(t, err)
			_, err = s.SDK().UpdateResourceServer(t.Context(), &idp.UpdateResourceServerInput{UserPoolId: &s.pool, Identifier: ptr("kept"), Name: ptr("api"), Scopes: scopes[:1]})
			must(t, err)
			if got := scope(app.tokens(t, code)); got != "openid" {
				t.Errorf("a code from before gives the scopes %v", got)
			}
			if got := scope(app.tokens(t, only)); got != nil {
				t.Errorf("a code for nothing else gives the scopes %v", got)
			}
			after := refresh(before.token(t, "refresh_token"))
			if got := scope(after); got != "openid kept/read" {
				t.Errorf("a refresh gives the scopes %v", got)
			}
			_, err = s.SDK().CreateResourceServer(t.Context(), &idp.CreateResourceServerInput{UserPoolId: &s.pool, Identifier: ptr("gone"), Name: ptr("api"), Scopes: scopes})
			must(t, err)
			_, err = s.SDK().UpdateResourceServer(t.Context(), &idp.UpdateResourceServerInput{UserPoolId: &s.pool, Identifier: ptr("kept"), Name: ptr("api"), Scopes: scopes})
			must(t, err)
			last := before.token(t, "refresh_token")
			if rotation == types.FeatureTypeEnabled {
				last = after.token(t, "refresh_token")
			}
			if got := scope(refresh(last)); got != "openid gone/read kept/read kept/write" { // a resource server that was made anew
				t.Errorf("at last, a refresh gives the scopes %v", got)
			}
		}
	})
}

func TestRevocationAtTheEndpoint(t *testing.T) {
	t.Parallel()
	s := newSite(t, "", func(_ *idp.CreateUserPoolInput, c *idp.CreateUserPoolClientInput) { c.GenerateSecret = true })
	s.addUser(t, "ann@example.com")
	code := newBrowser(t).open(s.authorize()).signIn("ann@example.com").arrived().Get("code")
	out := s.post(t, "/oauth2/token", s.client, s.secret, "grant_type", "authorization_code", "code", code, "redirect_uri", callback)
	access, refresh := out.token(t, "access_token"), out.token(t, "refresh_token")
	s.post(t, "/oauth2/revoke", s.client, "wrong", "token", refresh).is(t, 401, "invalid_client")
	s.post(t, "/oauth2/revoke", "", "", "client_id", s.client, "token", refresh).is(t, 401, "invalid_client")
	s.post(t, "/oauth2/revoke", s.client, s.secret).is(t, 400, "invalid_request")
	s.post(t, "/oauth2/revoke", s.client, s.secret, "token", access).is(t, 400, "unsupported_token_type")
	if a := s.userInfo(t, access); a.status != 200 {
		t.Fatalf("before its revocation the token answers %d", a.status)
	}
	for _, token := range []string{refresh, refresh, "garbage", "garbage.with.dots"} {
		if a := s.post(t, "/oauth2/revoke", s.client, s.secret, "token", token, "token_type_hint", "refresh_token"); a.status != 200 || a.text != "" {
			t.Errorf("revocation answers %d %q", a.status, a.text)
		}
	}
	if a := s.userInfo(t, access); a.status != 401 {
		t.Errorf("after its revocation the token answers %d", a.status)
	}
	s.post(t, "/oauth2/token", s.client, s.secret, "grant_type", "refresh_token", "refresh_token", refresh).is(t, 400, "invalid_grant")
}

func TestUserInfoRefuses(t *testing.T) {
	t.Parallel()
	s := newSite(t, "", nil)
	for _, header := range []string{"", "Basic abc", "Bearer", "Bearer "} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+"/oauth2/userInfo", nil)
		must(t, err)
		if header != "" {
			r.Header.Set("Authorization", header)
		}
		a := ask(t, r)
		if a.status != 400 || a.header.Get("WWW-Authenticate") != `error="invalid_request", error_description="Bad OAuth2 request at UserInfo Endpoint"` {
			t.Errorf("%q answers %d %v", header, a.status, a.header)
		}
	}
	if a := s.userInfo(t, "a.b.c"); a.status != 401 || !strings.Contains(a.header.Get("WWW-Authenticate"), `error="invalid_token"`) {
		t.Errorf("nonsense answers %d %v", a.status, a.header)
	}
}
