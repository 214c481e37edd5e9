package oauth_test

import (
	"net/http"
	"slices"
	"testing"
	"time"

	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
)

func TestRefreshTokensRotateAtTheTokenEndpoint(t *testing.T) {
	databases(t, func(t *testing.T, database string) {
		s := newSite(t, database, func(_ *idp.CreateUserPoolInput, c *idp.CreateUserPoolClientInput) {
			c.GenerateSecret, c.ExplicitAuthFlows = true, []types.ExplicitAuthFlowsType{"ALLOW_USER_SRP_AUTH"}
			c.RefreshTokenRotation = &types.RefreshTokenRotationType{Feature: "ENABLED", RetryGracePeriodSeconds: ptr(int32(30))}
		})
		s.addUser(t, "ann@example.com")
		added, err := s.SDK().AddUserPoolClientSecret(t.Context(), &idp.AddUserPoolClientSecretInput{UserPoolId: &s.pool, ClientId: &s.client})
		must(t, err)
		second := *added.ClientSecretDescriptor.ClientSecretValue
		inBody := func(secret string, pairs ...string) answer {
			return s.post(t, "/oauth2/token", "", "", append([]string{"client_id", s.client, "client_secret", secret}, pairs...)...)
		}
		refresh := func(token string) []string { return []string{"grant_type", "refresh_token", "refresh_token", token} }

		code := newBrowser(t).open(s.authorize("resource", "https://api.example.com")).signIn("ann@example.com").arrived().Get("code")
		first := inBody(second, "grant_type", "authorization_code", "code", code, "redirect_uri", callback)
		next := s.post(t, "/oauth2/token", s.client, s.secret, refresh(first.token(t, "refresh_token"))...)
		if want := []string{"access_token", "expires_in", "id_token", "refresh_token", "token_type"}; !slices.Equal(sorted(next.body), want) {
			t.Fatalf("got %s", next.text)
		}
		if next.token(t, "refresh_token") == first.token(t, "refresh_token") {
			t.Error("the refresh token does not rotate")
		}
		one, two := claims(t, first.token(t, "access_token")), claims(t, next.token(t, "access_token"))
		if one["aud"] != "https://api.example.com" || two["aud"] != one["aud"] || two["scope"] != one["scope"] || two["origin_jti"] != one["origin_jti"] || two["auth_time"] != one["auth_time"] {
			t.Errorf("refreshing changes %v to %v", one, two)
		}
		s.Advance(t, 20*time.Second)
		inBody(s.secret, refresh(first.token(t, "refresh_token"))...).token(t, "access_token") // the answer may have been lost
		s.post(t, "/oauth2/token", s.client, second, refresh(next.token(t, "refresh_token"))...).token(t, "access_token")
		s.Advance(t, 20*time.Second)
		inBody(second, refresh(first.token(t, "refresh_token"))...).is(t, 400, "invalid_grant")
		inBody(second, refresh(next.token(t, "refresh_token"))...).is(t, 400, "invalid_grant") // reuse ends the sign-in
		if a := s.userInfo(t, next.token(t, "access_token")); a.status != 401 {
			t.Errorf("after the reuse of a refresh token its access token answers %d", a.status)
		}
	})
}

func TestATokenOfAnotherClientIsNotRefreshed(t *testing.T) {
	t.Parallel()
	s := newSite(t, "", nil)
	s.addUser(t, "ann@example.com")
	other, err := s.SDK().CreateUserPoolClient(t.Context(), &idp.CreateUserPoolClientInput{UserPoolId: &s.pool, ClientName: ptr("other")})
	must(t, err)
	out := s.tokens(t, newBrowser(t).open(s.authorize()).signIn("ann@example.com").arrived().Get("code"))
	refresh := out.token(t, "refresh_token")
	s.post(t, "/oauth2/token", "", "", "client_id", *other.UserPoolClient.ClientId, "grant_type", "refresh_token", "refresh_token", refresh).is(t, 400, "invalid_grant")
	s.post(t, "/oauth2/revoke", "", "", "client_id", *other.UserPoolClient.ClientId, "token", refresh).is(t, 400, "invalid_request")
	s.post(t, "/oauth2/token", "", "", "client_id", s.client, "grant_type", "refresh_token", "refresh_token", out.token(t, "access_token")).is(t, 400, "invalid_grant")
	s.post(t, "/oauth2/token", "", "", "client_id", s.client, "grant_type", "refresh_token", "refresh_token", refresh).token(t, "access_token")
}

// A thief who kept a token that was replaced waits in vain for an administrator who takes rotation back.
func TestAReplacedTokenStaysDeadWithoutRotation(t *testing.T) {
	databases(t, func(t *testing.T, database string) {
		var made idp.CreateUserPoolClientInput
		s := newSite(t, database, func(_ *idp.CreateUserPoolInput, c *idp.CreateUserPoolClientInput) {
			made = *c
			c.ExplicitAuthFlows = []types.ExplicitAuthFlowsType{"ALLOW_USER_SRP_AUTH"}
			c.RefreshTokenRotation = &types.RefreshTokenRotationType{Feature: "ENABLED", RetryGracePeriodSeconds: ptr(int32(60))}
		})
		s.addUser(t, "ann@example.com")
		refresh := func(token string) answer {
			return s.post(t, "/oauth2/token", "", "", "client_id", s.client, "grant_type", "refresh_token", "refresh_token", token)
		}
		replaced := s.tokens(t, newBrowser(t).open(s.authorize()).signIn("ann@example.com").arrived().Get("code")).token(t, "refresh_token")
		next := refresh(replaced).token(t, "refresh_token")
		_, err := s.SDK().UpdateUserPoolClient(t.Context(), &idp.UpdateUserPoolClientInput{
			UserPoolId: &s.pool, ClientId: &s.client, AllowedOAuthFlowsUserPoolClient: true, AllowedOAuthFlows: made.AllowedOAuthFlows,
			AllowedOAuthScopes: made.AllowedOAuthScopes, CallbackURLs: made.CallbackURLs, SupportedIdentityProviders: made.SupportedIdentityProviders,
			ExplicitAuthFlows: []types.ExplicitAuthFlowsType{"ALLOW_REFRESH_TOKEN_AUTH"},
		})
		must(t, err)
		refresh(replaced).is(t, 400, "invalid_grant")
		if _, err := s.SDK().GetTokensFromRefreshToken(t.Context(), &idp.GetTokensFromRefreshTokenInput{ClientId: &s.client, RefreshToken: &replaced}); err == nil {
			t.Error("GetTokensFromRefreshToken takes the token that was replaced")
		}
		if _, err := s.SDK().InitiateAuth(t.Context(), &idp.InitiateAuthInput{
			ClientId: &s.client, AuthFlow: "REFRESH_TOKEN_AUTH", AuthParameters: map[string]string{"REFRESH_TOKEN": replaced},
		}); err == nil {
			t.Error("InitiateAuth takes the token that was replaced")
		}
		for range 2 { // and does not rotate any more
			if a := refresh(next); a.status != http.StatusOK || a.body["refresh_token"] != nil {
				t.Errorf("the token in force: %d %s", a.status, a.text)
			}
		}
	})
}
