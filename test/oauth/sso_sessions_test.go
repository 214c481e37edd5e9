package oauth_test

import (
	"net/http"
	"regexp"
	"testing"
	"time"

	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/google/go-cmp/cmp"
)

// listed returns the sessions of a user as an administrator sees them, those of tokens and those of browsers, the most recently used first.
func (s *site) listed(t testing.TB, name string) (tokens, browsers []map[string]any) {
	t.Helper()
	all, _ := s.operation(t, "AdminListUserSessions", `{"UserPoolId":"`+s.pool+`","Username":"`+name+`"}`).body["Sessions"].([]any)
	for _, one := range all {
		if session := one.(map[string]any); session["SessionType"] == "SSO" {
			browsers = append(browsers, session)
		} else {
			tokens = append(tokens, session)
		}
	}
	return tokens, browsers
}

// agent is a browser that says which it is.
type agent string

func (a agent) RoundTrip(r *http.Request) (*http.Response, error) {
	r.Header.Set("User-Agent", string(a))
	return http.DefaultTransport.RoundTrip(r)
}

func firefox(t testing.TB) *browser {
	b := newBrowser(t)
	b.client.Transport = agent("Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0")
	return b
}

const scopes = "openid email aws.cognito.signin.user.admin"

// enters gives tokens of the client to who is or signs in in the browser.
func (s *site) enters(t testing.TB, b *browser) answer {
	t.Helper()
	if b.open(s.authorize("scope", scopes)); b.at.Host != "app.example.com" {
		b.signIn("ann@example.com")
	}
	return s.tokens(t, b.arrived().Get("code"))
}

func TestBrowsersAreListedWithWhatCameThroughThem(t *testing.T) {
	databases(t, func(t *testing.T, database string) {
		s := newSite(t, database, nil)
		s.addUser(t, "ann@example.com")
		s.addUser(t, "bob@example.com")
		early := newBrowser(t)
		s.enters(t, early)
		s.tracksSessions(t)
		other := s.anotherClient(t, 129_600)
		s.tokens(t, early.open(s.authorize()).arrived().Get("code"))
		if tokens, browsers := s.listed(t, "ann@example.com"); len(tokens) != 1 || len(browsers) != 0 || tokens[0]["OriginSessionId"] != nil {
			t.Errorf("of a browser from before the tracking: %v, %v", tokens, browsers)
		}

		b := firefox(t)
		a := s.enters(t, b)
		tokens, browsers := s.listed(t, "ann@example.com")
		if len(tokens) != 2 || len(browsers) != 1 {
			t.Fatalf("%d token sessions and %d browsers", len(tokens), len(browsers))
		}
		sso, _ := browsers[0]["SessionId"].(string)
		if !regexp.MustCompile(`^sso[0-9a-z]{25}$`).MatchString(sso) {
			t.Errorf("session id %q", sso)
		}
		created := browsers[0]["CreateDate"]
		want := map[string]any{
			"SessionId": sso, "SessionType": "SSO", "ClientId": s.client, "CreateDate": created, "LastActiveDate": created,
			"DeviceType": "Firefox 127 / Linux", "LastIPAddress": "127.0.0.1", "LastLocation": map[string]any{"Country": "unknown"}, "IsCurrentSession": false,
		}
		if diff := cmp.Diff(want, browsers[0]); diff != "" || created == nil {
			t.Errorf("the browser (-want +got):\n%s", diff)
		}
		through := func() (n int) {
			tokens, _ := s.listed(t, "ann@example.com")
			for _, session := range tokens {
				if session["OriginSessionId"] == sso {
					n++
				}
			}
			return n
		}
		if n := through(); n != 1 {
			t.Errorf("%d sessions came through the browser, want 1", n)
		}

		// A code for another client counts as use of the browser, at most once a minute; so does a new sign-in there, which is no new session.
		used := func() float64 {
			t.Helper()
			_, browsers := s.listed(t, "ann@example.com")
			if len(browsers) != 1 || browsers[0]["SessionId"] != sso || browsers[0]["CreateDate"] != created {
				t.Fatalf("browsers: %v", browsers)
			}
			return browsers[0]["LastActiveDate"].(float64)
		}
		stamp := used()
		s.Advance(t, 30*time.Second)
		other.tokens(t, b.open(other.authorize()).arrived().Get("code"))
		if used() != stamp {
			t.Error("a use within the minute was written")
		}
		for name, use := range map[string]func(){
			"a code":            func() { s.tokens(t, b.open(s.authorize()).arrived().Get("code")) },
			"an implicit grant": func() { b.open(s.authorize("response_type", "token")).arrived() },
			"a new sign-in":     func() { b.open(s.authorize("prompt", "login")).signIn("ann@example.com").arrived() },
		} {
			s.Advance(t, 2*time.Minute)
			stamp = used()
			use()
			if used() <= stamp {
				t.Errorf("%s is no use of the browser", name)
			}
		}
		if n := through(); n != 3 {
			t.Errorf("%d sessions came through the browser, want 3", n)
		}

		// So does a rotation of tokens, but not a refresh.
		refresh := func(token string) answer {
			return s.post(t, "/oauth2/token", "", "", "grant_type", "refresh_token", "client_id", s.client, "refresh_token", token)
		}
		s.Advance(t, 2*time.Minute)
		stamp = used()
		refresh(a.token(t, "refresh_token")).token(t, "access_token")
		if used() != stamp {
			t.Error("a refresh is use of the browser")
		}
		s.operation(t, "UpdateUserPoolClient", `{"UserPoolId":"`+s.pool+`","ClientId":"`+s.client+`","RefreshTokenRotation":{"Feature":"ENABLED","RetryGracePeriodSeconds":0}}`)
		s.Advance(t, 2*time.Minute)
		refresh(a.token(t, "refresh_token")).token(t, "refresh_token")
		if used() <= stamp {
			t.Error("a rotation is no use of the browser")
		}

		// Another user in the browser is another session, and the end of the one before.
		b.open(other.authorize("prompt", "login")).signIn("bob@example.com").arrived()
		if _, browsers := s.listed(t, "ann@example.com"); len(browsers) != 0 {
			t.Errorf("the browser is still one of who was there before: %v", browsers)
		}
		if _, browsers := s.listed(t, "bob@example.com"); len(browsers) != 1 || browsers[0]["SessionId"] == sso || browsers[0]["ClientId"] != other.client {
			t.Errorf("the browser of another user: %v", browsers)
		}
	})
}

// One browser with two token sessions and a code that is not exchanged yet, and a session elsewhere: who revokes what, and what is left.
func TestLinkedSessionsAreRevoked(t *testing.T) {
	databases(t, func(t *testing.T, database string) {
		s := newSite(t, database, nil)
		s.addUser(t, "ann@example.com")
		s.addUser(t, "bob@example.com")
		s.tracksSessions(t)
		elsewhere := s.enters(t, newBrowser(t))
		admin := func(id, associated string) {
			t.Helper()
			s.operation(t, "AdminRevokeUserSession", `{"UserPoolId":"`+s.pool+`","Username":"ann@example.com","SessionId":"`+id+`"`+associated+`}`)
		}
		self := func(id, associated string) {
			t.Helper()
			s.operation(t, "RevokeUserSession", `{"AccessToken":"`+elsewhere.token(t, "access_token")+`","SessionId":"`+id+`"`+associated+`}`)
		}
		type left struct{ Browser, First, Second, Code bool }
		const none, linked = `,"RevokeAssociatedSessions":"NONE"`, `,"RevokeAssociatedSessions":"LINKED"`
		for name, tc := range map[string]struct {
			revoke func(first, browser, refresh string)
			want   left
		}{
			"RevokeToken": {func(_, _, r string) { s.operation(t, "RevokeToken", `{"ClientId":"`+s.client+`","Token":"`+r+`"}`) }, left{true, false, true, true}},
			"RevokeToken, linked": {func(_, _, r string) {
				s.operation(t, "RevokeToken", `{"ClientId":"`+s.client+`","Token":"`+r+`"`+linked+`}`)
			}, left{false, false, true, true}},
			"AdminRevokeUserSession of tokens":            {func(f, _, _ string) { admin(f, none) }, left{true, false, true, true}},
			"AdminRevokeUserSession of tokens, linked":    {func(f, _, _ string) { admin(f, linked) }, left{false, false, true, true}},
			"AdminRevokeUserSession of a browser":         {func(_, b, _ string) { admin(b, "") }, left{false, true, true, true}},
			"AdminRevokeUserSession of a browser, linked": {func(_, b, _ string) { admin(b, linked) }, left{}},
			"RevokeUserSession of tokens":                 {func(f, _, _ string) { self(f, "") }, left{true, false, true, true}},
			"RevokeUserSession of tokens, linked":         {func(f, _, _ string) { self(f, linked) }, left{false, false, true, true}},
			"RevokeUserSession of a browser":              {func(_, b, _ string) { self(b, none) }, left{false, true, true, true}},
			"RevokeUserSession of a browser, linked":      {func(_, b, _ string) { self(b, linked) }, left{}},
		} {
			b := newBrowser(t)
			first := s.enters(t, b)
			tokens, browsers := s.listed(t, "ann@example.com")
			id, sso := tokens[0]["SessionId"].(string), tokens[0]["OriginSessionId"].(string)
			if browsers[0]["SessionId"] != sso {
				t.Fatalf("%s: the newest tokens came through %s, the newest browser is %v", name, sso, browsers[0])
			}
			second := s.enters(t, b)
			code := b.open(s.authorize()).arrived().Get("code")
			if no := s.attempt(t, "AdminRevokeUserSession", `{"UserPoolId":"`+s.pool+`","Username":"bob@example.com","SessionId":"`+sso+`"`+linked+`}`); no.body["__type"] != "ResourceNotFoundException" {
				t.Errorf("a session of another user is answered %d %s", no.status, no.text)
			}

			tc.revoke(id, sso, first.token(t, "refresh_token"))
			lives := func(a answer) bool { return s.userInfo(t, a.token(t, "access_token")).status == http.StatusOK }
			got := left{First: lives(first), Second: lives(second), Code: lives(s.tokens(t, code))}
			at := b.open(s.authorize("prompt", "none")).arrived()
			if got.Browser = at.Get("code") != ""; !got.Browser && at.Get("error") != "login_required" {
				t.Errorf("%s: the browser is answered %v", name, at)
			}
			if got != tc.want {
				t.Errorf("%s leaves %+v, want %+v", name, got, tc.want)
			}
			if !lives(elsewhere) {
				t.Fatalf("%s ends what is elsewhere", name)
			}
			now, present := s.listed(t, "ann@example.com")
			alive := map[any]bool{}
			for _, session := range append(now, present...) {
				alive[session["SessionId"]] = true
			}
			if alive[id] != tc.want.First || alive[sso] != tc.want.Browser {
				t.Errorf("%s: listed are the first tokens: %v, the browser: %v", name, alive[id], alive[sso])
			}
			s.operation(t, "AdminUserGlobalSignOut", `{"UserPoolId":"`+s.pool+`","Username":"ann@example.com"}`)
			elsewhere = s.enters(t, newBrowser(t))
			s.Advance(t, time.Minute) // so that the next one is the newest
		}

		// Without tracking, LINKED has no effect.
		b := newBrowser(t)
		a := s.enters(t, b)
		s.operation(t, "SetUserPoolSessionConfiguration", `{"UserPoolId":"`+s.pool+`","UserSessionTracking":"DISABLED","TokenSession":{"MaxPerUser":10}}`)
		s.Advance(t, time.Second)
		s.operation(t, "RevokeToken", `{"ClientId":"`+s.client+`","Token":"`+a.token(t, "refresh_token")+`"`+linked+`}`)
		if got := b.open(s.authorize("prompt", "none")).arrived(); got.Get("code") == "" {
			t.Errorf("without tracking, the browser is answered %v", got)
		}
	})
}

func TestBrowsersThatAreSignedOutAreNotListed(t *testing.T) {
	databases(t, func(t *testing.T, database string) {
		s := newSite(t, database, nil)
		s.addUser(t, "ann@example.com")
		s.operation(t, "SetUserPoolSessionConfiguration", `{"UserPoolId":"`+s.pool+`","UserSessionTracking":"ENABLED","TokenSession":{"MaxPerUser":1}}`)
		s.Advance(t, time.Second)
		for name, end := range map[string]func(b *browser){
			"/logout": func(b *browser) { b.open(s.URL + "/logout?client_id=" + s.client + "&logout_uri=" + goodbye) },
			"a sign-out everywhere": func(*browser) {
				_, err := s.SDK().AdminUserGlobalSignOut(t.Context(), &idp.AdminUserGlobalSignOutInput{UserPoolId: &s.pool, Username: ptr("ann@example.com")})
				must(t, err)
			},
			"another password": func(*browser) {
				_, err := s.SDK().AdminSetUserPassword(t.Context(), &idp.AdminSetUserPasswordInput{
					UserPoolId: &s.pool, Username: ptr("ann@example.com"), Password: ptr(password), Permanent: true,
				})
				must(t, err)
			},
			"the end of its time": func(*browser) { s.Advance(t, 90*24*time.Hour) },
		} {
			b := newBrowser(t)
			s.enters(t, b)
			_, before := s.listed(t, "ann@example.com")
			if end(b); len(before) != 1 {
				t.Errorf("before %s: %v", name, before)
			}
			if _, browsers := s.listed(t, "ann@example.com"); len(browsers) != 0 {
				t.Errorf("after %s: %v", name, browsers)
			}
			if no := s.attempt(t, "AdminRevokeUserSession", `{"UserPoolId":"`+s.pool+`","Username":"ann@example.com","SessionId":"`+before[0]["SessionId"].(string)+`"}`); no.body["__type"] != "ResourceNotFoundException" {
				t.Errorf("after %s, revoking is answered %d %s", name, no.status, no.text)
			}
			if s.enters(t, b); name == "/logout" {
				if _, again := s.listed(t, "ann@example.com"); again[0]["SessionId"] == before[0]["SessionId"] {
					t.Error("a new sign-in after /logout goes on with the session that ended")
				}
			}
			b.open(s.URL + "/logout?client_id=" + s.client + "&logout_uri=" + goodbye)
		}
		for range 3 {
			s.enters(t, newBrowser(t))
		}
		if tokens, browsers := s.listed(t, "ann@example.com"); len(tokens) != 1 || len(browsers) != 3 {
			t.Errorf("with one session at most there are %d of tokens and %d browsers; the limit is one of tokens", len(tokens), len(browsers))
		}
	})
}

func TestASignInEndsTheCookieBefore(t *testing.T) {
	databases(t, func(t *testing.T, database string) {
		s := accountSite(t, database, nil)
		replayed := func(b *browser, change func()) {
			t.Helper()
			before := b.cookie(s, "cognito")
			change()
			old := newBrowser(t)
			old.setCookie(s, "cognito", before)
			if got := old.open(s.authorize("prompt", "none")).arrived(); before == "" || got.Get("error") != "login_required" {
				t.Errorf("the cookie from before is answered %v", got)
			}
			if got := b.open(s.authorize("prompt", "none")).arrived(); got.Get("code") == "" {
				t.Errorf("the browser is answered %v", got)
			}
		}
		for range 2 {
			b := newBrowser(t)
			s.enters(t, b)
			replayed(b, func() { b.open(s.authorize("prompt", "login")).signIn("ann@example.com").arrived() })
			s.tracksSessions(t)
		}
		// A browser that changes the password gets another cookie as well, for the session that it has.
		_, err := s.SDK().AdminUserGlobalSignOut(t.Context(), &idp.AdminUserGlobalSignOutInput{UserPoolId: &s.pool, Username: ptr("ann@example.com")})
		must(t, err)
		b := s.enter(t)
		_, before := s.listed(t, "ann@example.com")
		replayed(b, func() {
			b.open(s.account("/password")).submit("/account/password", "previous_password", password, "password", "An0ther-horse!").shows("Your changes have been saved.")
		})
		if _, after := s.listed(t, "ann@example.com"); len(before) != 1 || len(after) != 1 || after[0]["SessionId"] != before[0]["SessionId"] {
			t.Errorf("the session before is %v, and after %v", before, after)
		}
	})
}
