package oauth_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
)

// anotherClient is the site with another client of its pool, which takes sessions over for so many minutes; negative: as by default.
func (s *site) anotherClient(t testing.TB, minutes int) *site {
	t.Helper()
	c, err := s.SDK().CreateUserPoolClient(t.Context(), &idp.CreateUserPoolClientInput{
		UserPoolId: &s.pool, ClientName: ptr("app"), AllowedOAuthFlowsUserPoolClient: true, AllowedOAuthFlows: []types.OAuthFlowType{"code"},
		AllowedOAuthScopes: []string{"openid", "email"}, CallbackURLs: []string{callback}, SupportedIdentityProviders: []string{"COGNITO"},
	})
	must(t, err)
	other := *s
	other.client = *c.UserPoolClient.ClientId
	if minutes >= 0 {
		other.takesOver(t, minutes)
	}
	return &other
}

func (s *site) takesOver(t testing.TB, minutes int) {
	t.Helper()
	s.operation(t, "SetUserPoolClientSessionConfiguration", `{"UserPoolId":"`+s.pool+`","ClientId":"`+s.client+`","SSOSession":{"MaxValidityMinutes":`+strconv.Itoa(minutes)+`}}`)
	s.Advance(t, time.Second) // settings are looked at again
}

// A session in the browser is one for the whole pool; for how long after the sign-in it counts is each client's own setting.
func TestAClientTakesASessionOverForItsOwnTime(t *testing.T) {
	databases(t, func(t *testing.T, database string) {
		s := accountSite(t, database, nil)
		s.tracksSessions(t)
		clients := map[string]*site{"default": s.anotherClient(t, -1), "never": s.anotherClient(t, 0), "two hours": s.anotherClient(t, 120), "longest": s.anotherClient(t, 129_600)}
		b := newBrowser(t)
		start := s.Now()
		first := s.tokens(t, b.open(s.authorize()).signIn("ann@example.com").arrived().Get("code"))
		at := func(age time.Duration, want map[string]bool) {
			t.Helper()
			s.Advance(t, age-s.Now().Sub(start))
			for name, c := range clients {
				got := b.open(c.authorize("prompt", "none")).arrived()
				if want[name] != (got.Get("code") != "") || !want[name] && got.Get("error") != "login_required" {
					t.Errorf("after %s, %s: %v", age, name, got)
					continue
				}
				if want[name] && claims(t, c.tokens(t, got.Get("code")).token(t, "id_token"))["auth_time"] != claims(t, first.token(t, "id_token"))["auth_time"] {
					t.Errorf("after %s, %s: the silent sign-in counts as a fresh one", age, name)
				}
				b.open(c.authorize("prompt", "select_account")).shows("Password")
				if strings.Contains(b.page, "Continue as") != want[name] {
					t.Errorf("after %s, %s: going on is offered: %v", age, name, !want[name])
				}
			}
		}
		at(time.Minute, map[string]bool{"default": true, "two hours": true, "longest": true})
		at(58*time.Minute, map[string]bool{"default": true, "two hours": true, "longest": true})
		b.open(s.account("")).shows("Your account")
		at(61*time.Minute, map[string]bool{"two hours": true, "longest": true})
		if b.open(s.account("")).shows("Sign in"); strings.Contains(b.page, "Continue as") {
			t.Error("after an hour, account pages take the session over")
		}
		at(118*time.Minute, map[string]bool{"two hours": true, "longest": true})
		at(121*time.Minute, map[string]bool{"longest": true})
		at(129_599*time.Minute, map[string]bool{"longest": true})
		at(129_601*time.Minute, nil)

		b.open(clients["never"].authorize()).shows("Password").signIn("ann@example.com")
		if got := b.arrived(); got.Get("code") == "" {
			t.Errorf("a fresh sign-in gives %v", got)
		}
		if got := b.open(clients["default"].authorize("prompt", "none")).arrived(); got.Get("code") == "" {
			t.Errorf("a sign-in for a client that takes none over is no session for others: %v", got)
		}
		s.Advance(t, 10*time.Minute)
		clients["default"].takesOver(t, 5)
		if got := b.open(clients["default"].authorize("prompt", "none")).arrived(); got.Get("error") != "login_required" {
			t.Errorf("a shorter time holds for later sign-ins only: %v", got)
		}
		s.operation(t, "SetUserPoolSessionConfiguration", `{"UserPoolId":"`+s.pool+`","UserSessionTracking":"DISABLED","TokenSession":{"MaxPerUser":10}}`)
		s.Advance(t, time.Second)
		for _, c := range clients { // without tracking, an hour for all
			if got := b.open(c.authorize("prompt", "none")).arrived(); got.Get("code") == "" {
				t.Errorf("without tracking: %v", got)
			}
		}
		_, err := s.SDK().AdminUserGlobalSignOut(t.Context(), &idp.AdminUserGlobalSignOutInput{UserPoolId: &s.pool, Username: ptr("ann@example.com")})
		must(t, err)
		if got := b.open(clients["longest"].authorize("prompt", "none")).arrived(); got.Get("error") != "login_required" {
			t.Errorf("after a sign-out everywhere: %v", got)
		}
	})
}

// sessionAge returns how long the cookie with the sessions lives that a page has set, in seconds.
func (b *browser) sessionAge() int {
	b.t.Helper()
	for _, c := range (&http.Response{Header: b.header}).Cookies() {
		if strings.HasSuffix(c.Name, "cognito") {
			return c.MaxAge
		}
	}
	b.t.Fatalf("no session in %v", b.header)
	return 0
}

func TestTheCookieLivesAsLongAsTheSessions(t *testing.T) {
	t.Parallel()
	s := newSite(t, "", nil)
	s.addUser(t, "ann@example.com")
	if got := newBrowser(t).open(s.authorize()).signIn("ann@example.com").sessionAge(); got != 3600 {
		t.Errorf("the cookie lives for %d s, want an hour", got)
	}
	s.tracksSessions(t)
	const longest = 129_600 * 60
	b := newBrowser(t).open(s.authorize()).signIn("ann@example.com")
	if got := b.sessionAge(); got != longest {
		t.Errorf("where clients say how long, the cookie lives for %d s", got)
	}
	other := *s
	p, err := s.SDK().CreateUserPool(t.Context(), &idp.CreateUserPoolInput{PoolName: ptr("other"), UsernameAttributes: []types.UsernameAttributeType{"email"}})
	must(t, err)
	other.pool = *p.UserPool.Id
	other.addUser(t, "bob@example.com")
	c := other.anotherClient(t, -1)
	if got := b.open(c.authorize()).signIn("bob@example.com").sessionAge(); got != longest {
		t.Errorf("beside the session of another pool, the cookie lives for %d s", got)
	}
	client := &http.Client{Jar: b.client.Jar, CheckRedirect: b.client.CheckRedirect}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+"/logout?client_id="+c.client+"&response_type=code&redirect_uri="+callback, nil)
	must(t, err)
	res, err := client.Do(r)
	must(t, err)
	must(t, res.Body.Close())
	if got := (&browser{t: t, header: res.Header}).sessionAge(); got != longest {
		t.Errorf("after the end of the other pool's session, the cookie lives for %d s", got)
	}
	if got := b.open(s.authorize("prompt", "none")).arrived(); got.Get("code") == "" {
		t.Errorf("the session of the first pool is gone: %v", got)
	}
}
