package oauth_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
)

func TestRequestsThatCannotBeAnswered(t *testing.T) {
	t.Parallel()
	s := newSite(t, "", nil)
	closed := newSite(t, "", func(_ *idp.CreateUserPoolInput, c *idp.CreateUserPoolClientInput) {
		c.AllowedOAuthFlowsUserPoolClient = false
	})
	codeOnly := newSite(t, "", func(_ *idp.CreateUserPoolInput, c *idp.CreateUserPoolClientInput) {
		c.AllowedOAuthFlows, c.AllowedOAuthScopes = []types.OAuthFlowType{"code"}, []string{"openid"}
	})
	emailOnly := newSite(t, "", func(_ *idp.CreateUserPoolInput, c *idp.CreateUserPoolClientInput) {
		c.AllowedOAuthScopes = []string{"email"}
	})
	for _, tc := range []struct {
		name    string
		site    *site
		pairs   []string
		told    string // in the address of the application; empty: on a page
		page    string // text of the page
		status  int
		inQuery bool
	}{
		{name: "no client", site: s, pairs: []string{"client_id", ""}, page: "Required String parameter 'client_id' is not present", status: 400},
		{name: "an unknown client", site: s, pairs: []string{"client_id", "0123456789abcdefghijklmnop"}, page: "does not exist", status: 400},
		{name: "a markup client", site: s, pairs: []string{"client_id", "<script>alert(1)</script>"}, page: "User pool client does not exist.", status: 400},
		{name: "no redirect URI", site: s, pairs: []string{"redirect_uri", ""}, page: "Required String parameter 'redirect_uri' is not present", status: 400},
		{name: "a foreign redirect URI", site: s, pairs: []string{"redirect_uri", "https://evil.example.com/"}, page: "An error was encountered", status: 400},
		{name: "a slash too many", site: s, pairs: []string{"redirect_uri", callback + "/"}, page: "An error was encountered", status: 400},
		{name: "an unknown provider", site: s, pairs: []string{"identity_provider", "Google"}, page: "Login option is not available. Please try another one", status: 401},
		{name: "OAuth switched off", site: closed, told: "error_description=Client+is+not+enabled+for+OAuth2.0+flows.&state=a+b%26c&error=invalid_request"},
		{name: "no response type", site: s, pairs: []string{"response_type", ""}, told: "error_description=Required+String+parameter+%27response_type%27+is+not+present&state=a+b%26c&error=invalid_request"},
		{name: "another response type", site: s, pairs: []string{"response_type", "id_token"}, told: "error=invalid_request"},
		{name: "a flow that the client lacks", site: codeOnly, pairs: []string{"response_type", "token", "scope", "openid"}, told: "#state=a+b%26c&error=unauthorized_client"},
		{name: "a scope that the client lacks", site: codeOnly, told: "?state=a+b%26c&error=invalid_scope"},
		{name: "a scope that nobody has", site: s, pairs: []string{"scope", "openid pizza"}, told: "?state=a+b%26c&error=invalid_scope"},
		{name: "an OIDC scope without openid", site: s, pairs: []string{"scope", "email"}, told: "error=invalid_scope"},
		{name: "no scope where the client has an OIDC scope without openid", site: emailOnly, pairs: []string{"scope", ""}, told: "error=invalid_scope"},
		{name: "a plain challenge", site: s, pairs: []string{"code_challenge", strings.Repeat("a", 43), "code_challenge_method", "plain"}, told: "error=invalid_request"},
		{name: "a challenge without a method", site: s, pairs: []string{"code_challenge", strings.Repeat("a", 43)}, told: "error=invalid_request"},
		{name: "a method without a challenge", site: s, pairs: []string{"code_challenge_method", "S256"}, told: "error=invalid_request"},
		{name: "a short challenge", site: s, pairs: []string{"code_challenge", "abc", "code_challenge_method", "S256"}, told: "error=invalid_request"},
		{name: "an unknown prompt", site: s, pairs: []string{"prompt", "dance"}, told: "error=invalid_request"},
		{name: "prompt none beside another", site: s, pairs: []string{"prompt", "none login"}, told: "error=invalid_request"},
		{name: "prompt none without a session", site: s, pairs: []string{"prompt", "none"}, told: "?state=a+b%26c&error=login_required"},
		{name: "a negative age", site: s, pairs: []string{"max_age", "-1"}, told: "error=invalid_request"},
		{name: "a resource that is no address", site: s, pairs: []string{"resource", "pizza"}, told: "error=invalid_request"},
	} {
		for _, path := range []string{"/oauth2/authorize", "/login"} {
			if path == "/login" && strings.HasPrefix(tc.name, "prompt none without") {
				continue // the page itself is what a person asks for
			}
			t.Run(tc.name+" at "+path, func(t *testing.T) {
				t.Parallel()
				b := newBrowser(t).open(strings.Replace(tc.site.authorize(tc.pairs...), "/oauth2/authorize", path, 1))
				if tc.told != "" {
					if b.arrived(); !strings.Contains(b.at.String(), tc.told) {
						t.Errorf("the application was told %s, want %s", b.at, tc.told)
					}
					return
				}
				if b.status != tc.status {
					t.Errorf("status %d, want %d", b.status, tc.status)
				}
				b.shows(tc.page, "Request ")
				if strings.Contains(b.page, "<script>") || b.header.Get("X-Frame-Options") != "DENY" {
					t.Errorf("the page lets others in: %v\n%s", b.header, b.page)
				}
			})
		}
	}
	t.Run("a doubled parameter", func(t *testing.T) {
		t.Parallel()
		b := newBrowser(t).open(s.authorize() + "&scope=openid")
		if b.arrived(); !strings.Contains(b.at.String(), "error=invalid_request") {
			t.Errorf("the application was told %s", b.at)
		}
	})
}

func TestABrowserStaysSignedInForAnHourOrUntilItsUserIsSignedOut(t *testing.T) {
	databases(t, func(t *testing.T, database string) {
		s := newSite(t, database, nil)
		s.addUser(t, "ann@example.com")
		b := newBrowser(t)
		first := s.tokens(t, b.open(s.authorize()).signIn("ann@example.com").arrived().Get("code"))
		s.Advance(t, 10*time.Minute)
		again := s.tokens(t, b.open(s.authorize("prompt", "none")).arrived().Get("code"))
		one, two := claims(t, first.token(t, "id_token")), claims(t, again.token(t, "id_token"))
		if one["auth_time"] != two["auth_time"] || one["origin_jti"] == two["origin_jti"] || one["sub"] != two["sub"] {
			t.Errorf("a silent sign-in gives %v after %v", two, one)
		}
		b.open(s.authorize("prompt", "login")).shows("Password")
		b.open(s.authorize("prompt", "select_account")).shows("Continue as ann@example.com").submit("/login", "continue", "1").arrived()
		b.open(s.authorize("max_age", "300")).shows("Sign in")
		if strings.Contains(b.page, "Continue as") {
			t.Error("who signed in too long ago may go on without a password")
		}
		b.open(s.authorize("prompt", "select_account", "max_age", "3600")).shows("Continue as")
		b.page = strings.ReplaceAll(b.page, "max_age=3600", "max_age=300") // the form of a page that was open for long
		b.submit("/login", "continue", "1").shows("Password")
		b.open(s.authorize("max_age", "0")).shows("Password")
		if got := b.open(s.authorize("max_age", "3600")).arrived(); got.Get("code") == "" {
			t.Errorf("within max_age the application got %v", got)
		}
		s.Advance(t, 51*time.Minute)
		b.open(s.authorize()).shows("Password")
		if strings.Contains(b.page, "Continue as") {
			t.Error("after an hour the page knows who was signed in")
		}

		for name, end := range map[string]func(name string) error{
			"signed out everywhere": func(name string) error {
				_, err := s.SDK().AdminUserGlobalSignOut(t.Context(), &idp.AdminUserGlobalSignOutInput{UserPoolId: &s.pool, Username: &name})
				return err
			},
			"disabled": func(name string) error {
				_, err := s.SDK().AdminDisableUser(t.Context(), &idp.AdminDisableUserInput{UserPoolId: &s.pool, Username: &name})
				return err
			},
			"deleted": func(name string) error {
				_, err := s.SDK().AdminDeleteUser(t.Context(), &idp.AdminDeleteUserInput{UserPoolId: &s.pool, Username: &name})
				return err
			},
			"given a password": func(name string) error {
				_, err := s.SDK().AdminSetUserPassword(t.Context(), &idp.AdminSetUserPasswordInput{UserPoolId: &s.pool, Username: &name, Password: ptr("An0ther-horse!"), Permanent: true})
				return err
			},
			"made to reset the password": func(name string) error {
				_, err := s.SDK().AdminResetUserPassword(t.Context(), &idp.AdminResetUserPasswordInput{UserPoolId: &s.pool, Username: &name})
				return err
			},
		} {
			email := strings.ReplaceAll(name, " ", "-") + "@example.com"
			s.addUser(t, email)
			b := newBrowser(t)
			b.open(s.authorize()).signIn(email).arrived()
			must(t, end(email))
			if got := b.open(s.authorize("prompt", "none")).arrived(); got.Get("error") != "login_required" {
				t.Errorf("a user who was %s is still signed in: %v", name, got)
			}
		}
	})
}

func TestLogoutEndsTheSessionOnTheServer(t *testing.T) {
	t.Parallel()
	s := newSite(t, "", nil)
	s.addUser(t, "ann@example.com")
	b := newBrowser(t)
	idToken := s.tokens(t, b.open(s.authorize()).signIn("ann@example.com").arrived().Get("code")).token(t, "id_token")
	thief := newBrowser(t)
	here := thief.open(s.URL + "/error").at
	thief.client.Jar.SetCookies(here, b.client.Jar.Cookies(here))

	logout := func(pairs ...string) string {
		return strings.Replace(s.authorize(append([]string{"response_type", "", "scope", "", "state", "", "redirect_uri", ""}, pairs...)...), "/oauth2/authorize", "/logout", 1)
	}
	b.open(logout("logout_uri", goodbye+"/")).shows("Required String parameter 'redirect_uri' is not present")
	b.open(logout("logout_uri", callback)).shows("Required String parameter 'redirect_uri' is not present")
	b.open(logout("logout_uri", goodbye)).arrived()
	if b.at.String() != goodbye {
		t.Errorf("after signing out the browser is at %s", b.at)
	}
	for name, who := range map[string]*browser{"the browser": b, "a copy of its cookies": thief} {
		if got := who.open(s.authorize("prompt", "none")).arrived(); got.Get("error") != "login_required" {
			t.Errorf("%s is still signed in", name)
		}
	}
	b.open(logout("client_id", "", "id_token_hint", idToken, "post_logout_redirect_uri", goodbye, "state", "s"))
	if b.at.String() != goodbye+"?state=s" {
		t.Errorf("OpenID Connect logout ends at %s", b.at)
	}
	b.open(logout("redirect_uri", callback, "response_type", "code", "state", "x")).shows("Sign in").signIn("ann@example.com")
	if got := b.arrived(); got.Get("code") == "" || got.Get("state") != "x" {
		t.Errorf("signing in anew gives %v", got)
	}
	if b := b.open(logout("redirect_uri", "https://evil.example.com/", "response_type", "code")); b.status != http.StatusBadRequest {
		t.Errorf("a foreign redirect URI at logout leads to %s", b.at)
	}
}
