package oauth_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
)

// claims reads a token without checking it.
func claims(t testing.TB, token string) map[string]any {
	t.Helper()
	payload, err := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[1])
	must(t, err)
	var c map[string]any
	must(t, json.Unmarshal(payload, &c))
	return c
}

func TestACodeIsExchangedForTokens(t *testing.T) {
	databases(t, func(t *testing.T, database string) {
		s := newSite(t, database, nil)
		s.addUser(t, "ann@example.com")
		verifier := strings.Repeat("v", 43)
		sum := sha256.Sum256([]byte(verifier))
		b := newBrowser(t).open(s.authorize("nonce", "n-1", "code_challenge", base64.RawURLEncoding.EncodeToString(sum[:]), "code_challenge_method", "S256"))
		b.shows("Sign in").signIn("ann@example.com")
		got := b.arrived()
		if got.Get("state") != "a b&c" || got.Get("code") == "" || len(got) != 2 {
			t.Fatalf("the application got %v", got)
		}
		out := s.tokens(t, got.Get("code"), "code_verifier", verifier)
		if want := []string{"access_token", "expires_in", "id_token", "refresh_token", "token_type"}; !slices.Equal(sorted(out.body), want) {
			t.Fatalf("got %s", out.text)
		}
		if out.body["token_type"] != "Bearer" || out.body["expires_in"] != 3600.0 || out.header.Get("Access-Control-Allow-Origin") != "*" ||
			!strings.Contains(out.header.Get("Cache-Control"), "no-store") {
			t.Errorf("got %s with %v", out.text, out.header)
		}
		id, access := claims(t, out.token(t, "id_token")), claims(t, out.token(t, "access_token"))
		half := sha256.Sum256([]byte(out.token(t, "access_token")))
		if id["nonce"] != "n-1" || id["at_hash"] != base64.RawURLEncoding.EncodeToString(half[:16]) || id["email"] != "ann@example.com" ||
			id["email_verified"] != true || id["name"] != nil {
			t.Errorf("ID token %v", id)
		}
		if access["scope"] != "openid email" || access["version"] != 2.0 || access["client_id"] != s.client {
			t.Errorf("access token %v", access)
		}
		info := s.userInfo(t, out.token(t, "access_token"))
		if info.body["sub"] != id["sub"] || info.body["email_verified"] != "true" || info.body["username"] != access["username"] || info.body["name"] != nil {
			t.Errorf("userInfo answers %s", info.text)
		}
		again := s.post(t, "/oauth2/token", "", "", "grant_type", "refresh_token", "client_id", s.client, "refresh_token", out.token(t, "refresh_token"))
		if want := []string{"access_token", "expires_in", "id_token", "token_type"}; !slices.Equal(sorted(again.body), want) {
			t.Errorf("a refresh answers %s", again.text)
		}
		if c := claims(t, again.token(t, "access_token")); c["scope"] != "openid email" || c["auth_time"] != access["auth_time"] {
			t.Errorf("refreshed access token %v", c)
		}
	})
}

func TestACodeIsUsedOnceAndASecondUseEndsWhatTheFirstGave(t *testing.T) {
	databases(t, func(t *testing.T, database string) {
		s := newSite(t, database, nil)
		s.addUser(t, "ann@example.com")
		code := newBrowser(t).open(s.authorize()).signIn("ann@example.com").arrived().Get("code")
		out := s.tokens(t, code)
		access := out.token(t, "access_token")
		s.tokens(t, code).is(t, 400, "invalid_grant")
		if a := s.userInfo(t, access); a.status != 401 || !strings.Contains(a.header.Get("WWW-Authenticate"), "invalid_token") {
			t.Errorf("the access token of a code used twice answers %d", a.status)
		}
		s.post(t, "/oauth2/token", "", "", "grant_type", "refresh_token", "client_id", s.client, "refresh_token", out.token(t, "refresh_token")).is(t, 400, "invalid_grant")

		code = newBrowser(t).open(s.authorize()).signIn("ann@example.com").arrived().Get("code")
		var wg sync.WaitGroup
		won := make(chan int, 8)
		for range 8 {
			wg.Go(func() { won <- s.tokens(t, code).status })
		}
		wg.Wait()
		close(won)
		n := 0
		for status := range won {
			if status == 200 {
				n++
			}
		}
		if n != 1 {
			t.Errorf("%d of 8 exchanges of one code succeed", n)
		}
	})
}

func TestACodeBelongsToItsClientAddressAndVerifier(t *testing.T) {
	t.Parallel()
	s := newSite(t, "", nil)
	s.addUser(t, "ann@example.com")
	other, err := s.SDK().CreateUserPoolClient(t.Context(), &idp.CreateUserPoolClientInput{
		UserPoolId: &s.pool, ClientName: ptr("other"), AllowedOAuthFlowsUserPoolClient: true, AllowedOAuthFlows: []types.OAuthFlowType{"code"},
		AllowedOAuthScopes: []string{"openid"}, CallbackURLs: []string{callback}, SupportedIdentityProviders: []string{"COGNITO"},
	})
	must(t, err)
	verifier := strings.Repeat("v", 43)
	sum := sha256.Sum256([]byte(verifier))
	fresh := func(pairs ...string) string {
		return newBrowser(t).open(s.authorize(pairs...)).signIn("ann@example.com").arrived().Get("code")
	}
	withChallenge := []string{"code_challenge", base64.RawURLEncoding.EncodeToString(sum[:]), "code_challenge_method", "S256"}

	code := fresh()
	s.post(t, "/oauth2/token", "", "", "grant_type", "authorization_code", "client_id", *other.UserPoolClient.ClientId, "code", code, "redirect_uri", callback).is(t, 400, "invalid_grant")
	if a := s.tokens(t, code); a.status != 200 {
		t.Errorf("after a try by another client the code answers %s", a.text)
	}
	a := s.tokens(t, fresh(), "redirect_uri", callback+"/")
	a.is(t, 400, "invalid_request") // doubled
	a = s.post(t, "/oauth2/token", "", "", "grant_type", "authorization_code", "client_id", s.client, "code", fresh(), "redirect_uri", callback+"/")
	a.is(t, 400, "unauthorized_client")
	if a.body["error_description"] != "invalid_redirect" {
		t.Errorf("got %s", a.text)
	}
	s.tokens(t, fresh(withChallenge...)).is(t, 400, "invalid_grant")
	s.tokens(t, fresh(withChallenge...), "code_verifier", strings.Repeat("w", 43)).is(t, 400, "invalid_grant")
	s.tokens(t, fresh(), "code_verifier", verifier).is(t, 400, "invalid_grant")
	s.tokens(t, "11111111-1111-4111-8111-111111111111").is(t, 400, "invalid_grant")

	code = fresh()
	s.Advance(t, 5*time.Minute+time.Second)
	s.tokens(t, code).is(t, 400, "invalid_grant")
}

// Without email_verified, email is no scope to have (documented).
func TestAScopeNeedsAllItsAttributes(t *testing.T) {
	t.Parallel()
	s := newSite(t, "", func(_ *idp.CreateUserPoolInput, c *idp.CreateUserPoolClientInput) {
		c.ReadAttributes = []string{"email", "name"}
	})
	s.addUser(t, "ann@example.com")
	b := newBrowser(t).open(s.authorize("scope", "openid email")).signIn("ann@example.com")
	s.tokens(t, b.arrived().Get("code")).is(t, 400, "invalid_grant")
	if got := b.open(s.authorize("scope", "openid phone", "response_type", "token")).arrived(); got.Get("error") != "invalid_scope" || got.Has("access_token") {
		t.Errorf("the application got %v", got)
	}
	s.tokens(t, b.open(s.authorize("scope", "openid profile")).arrived().Get("code")).token(t, "id_token")
}

func TestImplicitFlowAnswersInTheFragment(t *testing.T) {
	t.Parallel()
	s := newSite(t, "", nil)
	s.addUser(t, "ann@example.com")
	b := newBrowser(t).open(s.authorize("response_type", "token", "nonce", "n")).signIn("ann@example.com")
	got := b.arrived()
	if b.at.RawQuery != "" || got.Get("id_token") == "" || got.Get("access_token") == "" || got.Get("refresh_token") != "" || got.Get("expires_in") != "3600" ||
		got.Get("state") != "a b&c" {
		t.Errorf("the application got %v", b.at)
	}
	got = newBrowser(t).open(s.authorize("response_type", "token", "scope", "aws.cognito.signin.user.admin")).signIn("ann@example.com").arrived()
	if got.Has("id_token") || got.Get("access_token") == "" {
		t.Errorf("without openid the application got %v", got)
	}
	if _, err := s.SDK().GetUser(t.Context(), &idp.GetUserInput{AccessToken: ptr(got.Get("access_token"))}); err != nil {
		t.Errorf("the user scope does not open GetUser: %v", err)
	}
	if a := s.userInfo(t, got.Get("access_token")); a.status != 401 || !strings.Contains(a.header.Get("WWW-Authenticate"), "does not contain openid scope") {
		t.Errorf("userInfo without openid answers %d %v", a.status, a.header)
	}
}
