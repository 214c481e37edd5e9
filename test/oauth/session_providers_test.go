package oauth_test

import (
	"net/http"
	"strings"
	"testing"

	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
)

// A client that lets people in by one provider must not get those whom another has signed in for the client beside it.
func TestASessionCountsWhereItsProviderDoes(t *testing.T) {
	databases(t, func(t *testing.T, database string) {
		s := newOIDCSite(t, database, nil)
		s.addUser(t, "ann@example.com")
		only := map[string]string{}
		for _, provider := range []string{"COGNITO", "Corp"} {
			c, err := s.SDK().CreateUserPoolClient(t.Context(), &idp.CreateUserPoolClientInput{
				UserPoolId: &s.pool, ClientName: ptr("only-" + provider), AllowedOAuthFlowsUserPoolClient: true, AllowedOAuthFlows: []types.OAuthFlowType{"code"},
				AllowedOAuthScopes: []string{"openid", "email"}, CallbackURLs: []string{callback}, SupportedIdentityProviders: []string{provider},
			})
			must(t, err)
			only[provider] = *c.UserPoolClient.ClientId
		}
		local := newBrowser(t).open(s.authorize()).signIn("ann@example.com")
		local.arrived()
		away := newBrowser(t).open(s.authorize("identity_provider", "Corp")).choose("bob", "")
		away.arrived()
		for _, tc := range []struct {
			name   string
			b      *browser
			client string
			in     bool
		}{
			{"a user of the pool at the client for both", local, s.client, true},
			{"a user of the pool at the client for users of the pool", local, only["COGNITO"], true},
			{"a user of the pool at the client for the provider", local, only["Corp"], false},
			{"a user of the provider at the client for both", away, s.client, true},
			{"a user of the provider at the client for users of the pool", away, only["COGNITO"], false},
			{"a user of the provider at the client for the provider", away, only["Corp"], true},
		} {
			got := tc.b.open(s.authorize("client_id", tc.client, "prompt", "none")).arrived()
			if got.Has("code") != tc.in || !tc.in && got.Get("error") != "login_required" {
				t.Errorf("%s: %v", tc.name, got)
			}
			page := tc.b.open(strings.Replace(s.authorize("client_id", tc.client), "/oauth2/authorize", "/login", 1)).page
			if strings.Contains(page, `name="continue"`) != tc.in {
				t.Errorf("%s: the page offers to go on: %v", tc.name, !tc.in)
			}
		}
	})
}

// Whose account was unlinked cannot go on by what the account has proved before: a browser's session, a code that waits.
func TestASessionEndsWithTheAccountItCameBy(t *testing.T) {
	databases(t, func(t *testing.T, database string) {
		s := newOIDCSite(t, database, nil)
		s.addUser(t, "ann@example.com")
		_, err := s.SDK().AdminLinkProviderForUser(t.Context(), &idp.AdminLinkProviderForUserInput{
			UserPoolId: &s.pool, DestinationUser: &types.ProviderUserIdentifierType{ProviderName: ptr("Cognito"), ProviderAttributeValue: ptr("ann@example.com")},
			SourceUser: &types.ProviderUserIdentifierType{ProviderName: &s.provider, ProviderAttributeName: ptr("Cognito_Subject"), ProviderAttributeValue: ptr("ann")},
		})
		must(t, err)
		local := newBrowser(t).open(s.authorize("identity_provider", "COGNITO")).signIn("ann@example.com")
		local.arrived()
		away := newBrowser(t).open(s.authorize("identity_provider", "Corp")).choose("ann", "")
		code := away.arrived().Get("code")
		tokens := s.tokens(t, away.open(s.authorize("prompt", "none")).arrived().Get("code"))
		_, err = s.SDK().AdminDisableProviderForUser(t.Context(), &idp.AdminDisableProviderForUserInput{
			UserPoolId: &s.pool, User: &types.ProviderUserIdentifierType{ProviderName: &s.provider, ProviderAttributeName: ptr("Cognito_Subject"), ProviderAttributeValue: ptr("ann")},
		})
		must(t, err)
		if got := away.open(s.authorize("prompt", "none")).arrived(); got.Get("error") != "login_required" {
			t.Errorf("the browser of the account gets %v", got)
		}
		s.tokens(t, code).is(t, 400, "invalid_grant")
		if got := local.open(s.authorize("prompt", "none")).arrived(); !got.Has("code") {
			t.Errorf("the browser of the password gets %v", got)
		}
		again := s.post(t, "/oauth2/token", "", "", "grant_type", "refresh_token", "client_id", s.client, "refresh_token", tokens.token(t, "refresh_token"))
		again.token(t, "access_token") // signs nobody in: an administrator signs the user out everywhere to end it
	})
}

func TestProgramsLearnThatAHostHasNoPool(t *testing.T) {
	databases(t, func(t *testing.T, database string) {
		s := newSite(t, database, nil, "auth-host", "auth.example.com")
		for _, path := range []string{"/oauth2/token", "/oauth2/revoke", "/oauth2/userInfo"} {
			r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+path, strings.NewReader("token=x&client_id="+s.client))
			must(t, err)
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.Host = "nobody.auth.example.com"
			ask(t, r).is(t, 404, "not_found")
		}
	})
}
