package oauth_test

import (
	"errors"
	"testing"
	"time"

	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
)

func TestGoOIDCVerifiesWhatOAuth2Exchanged(t *testing.T) {
	databases(t, func(t *testing.T, database string) {
		s := newSite(t, database, func(_ *idp.CreateUserPoolInput, c *idp.CreateUserPoolClientInput) { c.GenerateSecret = true })
		s.addUser(t, "ann@example.com")
		provider, err := oidc.NewProvider(t.Context(), s.URL+"/"+s.pool)
		must(t, err)
		party := oauth2.Config{
			ClientID: s.client, ClientSecret: s.secret, Endpoint: provider.Endpoint(), RedirectURL: callback, Scopes: []string{oidc.ScopeOpenID, "email"},
		}
		verifier := oauth2.GenerateVerifier()
		at := party.AuthCodeURL("the state", oidc.Nonce("the nonce"), oauth2.S256ChallengeOption(verifier))
		back := newBrowser(t).open(at).signIn("ann@example.com").arrived()
		if back.Get("state") != "the state" {
			t.Fatalf("the application got %v", back)
		}
		tokens, err := party.Exchange(t.Context(), back.Get("code"), oauth2.VerifierOption(verifier))
		must(t, err)
		raw, _ := tokens.Extra("id_token").(string)
		id, err := provider.Verifier(&oidc.Config{ClientID: s.client, Now: s.Now}).Verify(t.Context(), raw)
		must(t, err)
		must(t, id.VerifyAccessToken(tokens.AccessToken))
		if id.Nonce != "the nonce" || tokens.TokenType != "Bearer" || tokens.Expiry.Before(time.Now().Add(59*time.Minute)) {
			t.Errorf("ID token %+v with %+v", id, tokens)
		}
		info, err := provider.UserInfo(t.Context(), party.TokenSource(t.Context(), tokens))
		must(t, err)
		if info.Subject != id.Subject || info.Email != "ann@example.com" || !info.EmailVerified { // a string in the answer, which the library knows
			t.Errorf("user info %+v", info)
		}
		// Access tokens have no audience, so nothing but the client_id says whose they are.
		access, err := provider.Verifier(&oidc.Config{SkipClientIDCheck: true, Now: s.Now}).Verify(t.Context(), tokens.AccessToken)
		must(t, err)
		var c struct {
			ClientID string `json:"client_id"`
			Use      string `json:"token_use"`
		}
		must(t, access.Claims(&c))
		if c.ClientID != s.client || c.Use != "access" || access.Subject != id.Subject {
			t.Errorf("access token %+v of %s", c, access.Subject)
		}
		_, err = party.Exchange(t.Context(), back.Get("code"), oauth2.VerifierOption(verifier))
		var refused *oauth2.RetrieveError
		if !errors.As(err, &refused) || refused.ErrorCode != "invalid_grant" {
			t.Errorf("a second exchange: %v", err)
		}
	})
}

func TestOAuth2RefreshesAndGetsTokensForAMachine(t *testing.T) {
	t.Parallel()
	s := newSite(t, "", nil)
	s.addUser(t, "ann@example.com")
	provider, err := oidc.NewProvider(t.Context(), s.URL+"/"+s.pool)
	must(t, err)
	party := oauth2.Config{ClientID: s.client, Endpoint: provider.Endpoint(), RedirectURL: callback, Scopes: []string{oidc.ScopeOpenID}}
	back := newBrowser(t).open(party.AuthCodeURL("s")).signIn("ann@example.com").arrived()
	tokens, err := party.Exchange(t.Context(), back.Get("code"))
	must(t, err)
	old := *tokens
	old.Expiry = time.Now().Add(-time.Second)
	fresh, err := party.TokenSource(t.Context(), &old).Token()
	must(t, err)
	if fresh.AccessToken == tokens.AccessToken || fresh.RefreshToken != tokens.RefreshToken {
		t.Errorf("refreshed %+v", fresh)
	}

	_, err = s.SDK().CreateResourceServer(t.Context(), &idp.CreateResourceServerInput{
		UserPoolId: &s.pool, Identifier: ptr("api"), Name: ptr("api"), Scopes: []types.ResourceServerScopeType{{ScopeName: ptr("read"), ScopeDescription: ptr("r")}},
	})
	must(t, err)
	made, err := s.SDK().CreateUserPoolClient(t.Context(), &idp.CreateUserPoolClientInput{
		UserPoolId: &s.pool, ClientName: ptr("machine"), GenerateSecret: true, AllowedOAuthFlowsUserPoolClient: true,
		AllowedOAuthFlows: []types.OAuthFlowType{"client_credentials"}, AllowedOAuthScopes: []string{"api/read"},
	})
	must(t, err)
	for _, style := range []oauth2.AuthStyle{oauth2.AuthStyleInHeader, oauth2.AuthStyleInParams, oauth2.AuthStyleAutoDetect} {
		machine := clientcredentials.Config{
			ClientID: *made.UserPoolClient.ClientId, ClientSecret: *made.UserPoolClient.ClientSecret, TokenURL: provider.Endpoint().TokenURL, AuthStyle: style,
			Scopes: []string{"api/read"}, EndpointParams: map[string][]string{"aws_client_metadata": {`{"tenant":"blue"}`}},
		}
		tokens, err := machine.Token(t.Context())
		must(t, err)
		if got := payload(t, tokens.AccessToken)["scope"]; got != "api/read" {
			t.Errorf("style %d: scope %v", style, got)
		}
	}
}
