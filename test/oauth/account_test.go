package oauth_test

import (
	"crypto/sha256"
	"encoding/hex"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cenote-id/cenote/internal/cenotetest"
)

// accountSite is a site with account pages.
func accountSite(t testing.TB, database string, change func(*idp.CreateUserPoolInput, *idp.CreateUserPoolClientInput)) *site {
	t.Helper()
	s := newSite(t, database, change, "account-pages", "true")
	s.addUser(t, "ann@example.com")
	return s
}

// account returns the address of an account page.
func (s *site) account(page string) string {
	return s.URL + "/account" + page + "?client_id=" + s.client
}

// link returns where a link of the page to the path leads.
func (b *browser) link(path string) string {
	b.t.Helper()
	found := regexp.MustCompile(`href="(` + path + `\?[^"]*)"`).FindStringSubmatch(b.page)
	if found == nil {
		b.t.Fatalf("no link to %s on the page:\n%s", path, b.page)
	}
	to, err := b.at.Parse(html.UnescapeString(found[1]))
	must(b.t, err)
	return to.String()
}

// enter signs the user in on the account pages.
func (s *site) enter(t testing.TB) *browser {
	t.Helper()
	return newBrowser(t).open(s.account("")).signIn("ann@example.com").shows("Your account", "Signed in as ann@example.com")
}

func TestAccountPagesAreOffUnlessTheOperatorWantsThem(t *testing.T) {
	t.Parallel()
	s := newSite(t, "", nil)
	if b := newBrowser(t).open(s.account("")); b.status != http.StatusNotFound {
		t.Errorf("without the setting, the page is answered %d", b.status)
	}
	if got := newBrowser(t).open(s.authorize("response_type", "account")).arrived().Get("error"); got != "invalid_request" {
		t.Errorf("without the setting, a sign-in for the pages ends in %q", got)
	}
}

func TestAProfileIsChangedAsFarAsTheClientMayWrite(t *testing.T) {
	databases(t, func(t *testing.T, database string) {
		s := accountSite(t, database, func(_ *idp.CreateUserPoolInput, c *idp.CreateUserPoolClientInput) {
			c.ReadAttributes = []string{"email", "email_verified", "name", "nickname"}
			c.WriteAttributes = []string{"email", "name"}
		})
		_, err := s.SDK().AdminUpdateUserAttributes(t.Context(), &idp.AdminUpdateUserAttributesInput{
			UserPoolId: &s.pool, Username: ptr("ann@example.com"), UserAttributes: []types.AttributeType{{Name: ptr("nickname"), Value: ptr("Annie")}},
		})
		must(t, err)
		b := s.enter(t).open(s.account("/profile")).shows("Verified", `value="Ann"`)
		if strings.Contains(b.page, "attribute.nickname") || strings.Contains(b.page, "attribute.phone_number") {
			t.Errorf("the page asks for what the client may not write:\n%s", b.page)
		}
		b.submit("/account/profile", "attribute.name", "Anna", "attribute.nickname", "X").shows("Your changes have been saved.", `value="Anna"`)
		b.submit("/account/profile", "attribute.email", "anna@example.com").shows("Enter your code", "a***@e***")
		first := s.Code(t, "anna@example.com")
		b.submit("/account/verify", "code", cenotetest.Wrong(first)).shows("Invalid verification code provided, please try again.")
		b.askAgain(s.account("/verify"), "attribute", "email").shows("We sent you another code.", "a***@e***")
		if s.Code(t, "anna@example.com") == first {
			t.Error("no other code is sent")
		}
		b.submit("/account/verify", "code", s.Code(t, "anna@example.com")).shows("Your changes have been saved.", "anna@example.com")
		got, err := s.SDK().AdminGetUser(t.Context(), &idp.AdminGetUserInput{UserPoolId: &s.pool, Username: ptr("anna@example.com")})
		must(t, err)
		attributes := map[string]string{}
		for _, a := range got.UserAttributes {
			attributes[*a.Name] = *a.Value
		}
		if attributes["name"] != "Anna" || attributes["nickname"] != "Annie" || attributes["email_verified"] != "true" {
			t.Errorf("the user has %v", attributes)
		}
	})
}

// What an input of its own kind cannot hold, a browser would lose or change as soon as anything else is saved.
func TestAProfileKeepsValuesThatFitNoInput(t *testing.T) {
	databases(t, func(t *testing.T, database string) {
		s := accountSite(t, database, func(p *idp.CreateUserPoolInput, _ *idp.CreateUserPoolClientInput) {
			p.Schema = []types.SchemaAttributeType{{Name: ptr("floor"), AttributeDataType: "Number", Mutable: ptr(true)}}
		})
		stored := map[string]string{
			"birthdate": "01.02.1990", "website": "example.com", "picture": "https://example.com/ann.png", "custom:floor": "5", "nickname": " Annie",
			"address": "1 Long Street\n<Town>",
		}
		var attributes []types.AttributeType
		for name, value := range stored {
			attributes = append(attributes, types.AttributeType{Name: &name, Value: &value})
		}
		_, err := s.SDK().AdminUpdateUserAttributes(t.Context(), &idp.AdminUpdateUserAttributesInput{UserPoolId: &s.pool, Username: ptr("ann@example.com"), UserAttributes: attributes})
		must(t, err)
		b := s.enter(t).open(s.account("/profile")).shows(
			`name="attribute.birthdate" type="text" value="01.02.1990"`, `name="attribute.website" type="text" value="example.com"`,
			`name="attribute.picture" type="url" value="https://example.com/ann.png"`, `name="attribute.custom:floor" type="number" value="5"`,
			"name=\"attribute.address\"", "\n1 Long Street\n<Town></textarea>",
		)
		b.submit("/account/profile", "attribute.name", "Anna", "attribute.nickname", "Annie", "attribute.address", "1 Long Street\r\n<Town>").shows("Your changes have been saved.")
		got, err := s.SDK().AdminGetUser(t.Context(), &idp.AdminGetUserInput{UserPoolId: &s.pool, Username: ptr("ann@example.com")})
		must(t, err)
		stored["name"] = "Anna"
		for _, a := range got.UserAttributes {
			if want, ok := stored[*a.Name]; ok && *a.Value != want {
				t.Errorf("%s is %q now, want %q", *a.Name, *a.Value, want)
			}
			delete(stored, *a.Name)
		}
		if len(stored) > 0 {
			t.Errorf("gone are %v", stored)
		}
		b.open(s.account("/profile")).submit("/account/profile", "attribute.address", "2 Short Street\r\nTown").shows("2 Short Street\nTown</textarea>")
		b.submit("/account/profile", "attribute.custom:floor", "top").shows("Please check this field: floor.", `type="text" value="top"`)
	})
}

func TestAPasswordIsChangedAndTheOthersAreSignedOut(t *testing.T) {
	databases(t, func(t *testing.T, database string) {
		s := accountSite(t, database, nil)
		code := newBrowser(t).open(s.authorize()).signIn("ann@example.com").arrived().Get("code")
		refresh := s.tokens(t, code).token(t, "refresh_token")
		elsewhere := s.enter(t)
		b := s.enter(t).open(s.account("/password"))
		b.submit("/account/password", "previous_password", "wrong", "password", "An0ther-horse!").shows("Incorrect username or password.")
		b.submit("/account/password", "previous_password", password, "password", "weak").shows("Password does not conform to policy")
		b.submit("/account/password", "previous_password", password, "password", "An0ther-horse!", "elsewhere", "1").shows("Your changes have been saved.")
		b.open(s.account("")).shows("Your account")
		elsewhere.open(s.account("")).shows("Sign in")
		s.post(t, "/oauth2/token", "", "", "grant_type", "refresh_token", "client_id", s.client, "refresh_token", refresh).is(t, 400, "invalid_grant")
		newBrowser(t).open(s.account("")).submit("/login", "username", "ann@example.com", "password", "An0ther-horse!").shows("Your account")
		s.Advance(t, 59*time.Minute) // the session ends when it would have ended
		b.open(s.account("")).shows("Your account")
		s.Advance(t, 2*time.Minute)
		b.open(s.account("")).shows("Sign in")
	})
}

func TestSensitivePagesAskForARecentSignIn(t *testing.T) {
	t.Parallel()
	s := accountSite(t, "", nil)
	b := s.enter(t).open(s.account("/password")).shows("Current password")
	form := b.page
	s.Advance(t, 11*time.Minute)
	b.open(s.account("/devices")) // the pool has none
	b.open(s.account("/activity")).shows("Sign out everywhere")
	b.open(s.account("/password")).shows("Please sign in again to continue.", `value="ann@example.com"`)
	b.page = form
	b.submit("/account/password", "previous_password", password, "password", "An0ther-horse!").shows("Please sign in again to continue.")
	b.signIn("ann@example.com").shows("Current password")
	s.signsIn(t)
}

// signsIn checks that the user has the password still.
func (s *site) signsIn(t testing.TB) {
	t.Helper()
	newBrowser(t).open(s.authorize()).signIn("ann@example.com").arrived()
}

func TestAnAuthenticatorAppIsSetUpAndTakenAway(t *testing.T) {
	databases(t, func(t *testing.T, database string) {
		s := accountSite(t, database, nil)
		s.authenticatorApps(t, "OPTIONAL")
		b := s.enter(t).open(s.account("/factors")).shows("Set up an authenticator app")
		b.submit("/account/factors/totp").shows("<svg")
		secret := b.secret()
		code := func() string { return s.totp(t, secret) }
		b.submit("/account/factors/totp", "code", cenotetest.WrongTOTP(t, secret, s.Now())).shows("<svg", "The code is not correct. Please try again.")
		b.submit("/account/factors/totp", "code", code()).shows("Your changes have been saved.", "Authenticator app", "Set up another authenticator app")
		s.Advance(t, time.Minute)
		newBrowser(t).open(s.authorize()).signIn("ann@example.com").submit("/login/continue", "code", code()).arrived()

		b.submit("/account/factors", "factor", "").shows("Your changes have been saved.")
		s.signsIn(t)
		b.submit("/account/factors", "factor", "SOFTWARE_TOKEN_MFA", "preferred", "SOFTWARE_TOKEN_MFA").shows("checked")
		newBrowser(t).open(s.authorize()).signIn("ann@example.com").shows("Enter your code")
		b.submit("/account/factors/remove").shows("Set up an authenticator app")
		s.signsIn(t)

		s.authenticatorApps(t, "ON")
		b.open(s.account("/factors")).submit("/account/factors/totp")
		secret = b.secret()
		if b.submit("/account/factors/totp", "code", code()); strings.Contains(b.page, "/account/factors/remove") {
			t.Error("the only second factor can be removed where the pool requires one")
		}
	})
}

// tracksSessions turns session tracking on.
func (s *site) tracksSessions(t testing.TB) {
	t.Helper()
	s.operation(t, "SetUserPoolSessionConfiguration", `{"UserPoolId":"`+s.pool+`","UserSessionTracking":"ENABLED","TokenSession":{"MaxPerUser":10}}`)
	s.Advance(t, time.Second) // settings are looked at again
}

// operation calls an operation that the SDK of this version lacks, and that succeeds.
func (s *site) operation(t testing.TB, name, body string) answer {
	t.Helper()
	a := s.attempt(t, name, body)
	if a.status != http.StatusOK {
		t.Fatalf("%s answers %d %s", name, a.status, a.text)
	}
	return a
}

func (s *site) attempt(t testing.TB, name, body string) answer {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL, strings.NewReader(body))
	must(t, err)
	r.Header.Set("Content-Type", "application/x-amz-json-1.1")
	r.Header.Set("X-Amz-Target", "AWSCognitoIdentityProviderService."+name)
	sum := sha256.Sum256([]byte(body))
	must(t, v4.NewSigner().SignHTTP(t.Context(), aws.Credentials{AccessKeyID: s.AccessKeyID, SecretAccessKey: s.SecretAccessKey}, r, hex.EncodeToString(sum[:]), "cognito-idp", "us-east-1", time.Now()))
	return ask(t, r)
}

func TestSessionsAreListedAndEnded(t *testing.T) {
	databases(t, func(t *testing.T, database string) {
		s := accountSite(t, database, nil)
		s.tracksSessions(t)
		grant := func() string {
			return s.tokens(t, newBrowser(t).open(s.authorize()).signIn("ann@example.com").arrived().Get("code")).token(t, "refresh_token")
		}
		refresh := func(token string) answer {
			return s.post(t, "/oauth2/token", "", "", "grant_type", "refresh_token", "client_id", s.client, "refresh_token", token)
		}
		first := grant()
		s.Advance(t, time.Minute)
		b := s.enter(t)
		shown := func() (ids []string) {
			b.open(s.account("/activity")).shows("Where you are signed in")
			for _, id := range regexp.MustCompile(`name="session" value="([^"]*)"`).FindAllStringSubmatch(b.page, -1) {
				ids = append(ids, id[1])
			}
			return ids
		}
		both := shown()
		if len(both) != 2 || !strings.HasPrefix(both[0], "sso") || !strings.HasPrefix(both[1], "sso") {
			t.Fatalf("sessions %v, want this browser and the other one:\n%s", both, b.page)
		}
		b.submit("/account/activity", "session", "tkn000000000000000000000000a").shows("The session does not exist.")
		b.submit("/account/activity", "session", both[1]).shows("Where you are signed in")
		refresh(first).is(t, 400, "invalid_grant") // the tokens end with their browser
		if left := shown(); !slices.Equal(left, both[:1]) {
			t.Errorf("left are %v, want %v", left, both[:1])
		}
		third := grant()
		tokens, browsers := s.listed(t, "ann@example.com")
		s.operation(t, "AdminRevokeUserSession", `{"UserPoolId":"`+s.pool+`","Username":"ann@example.com","SessionId":"`+browsers[0]["SessionId"].(string)+`"}`)
		if left := shown(); !slices.Contains(left, tokens[0]["SessionId"].(string)) || len(left) != 2 {
			t.Errorf("tokens whose browser is signed out are not shown: %v", left)
		}
		refresh(third).token(t, "access_token")
		b.submit("/account/activity", "session", both[0]).shows("Sign in") // this browser
		b = s.enter(t).open(s.account("/activity"))

		second := grant()
		b.submit("/account/activity", "everywhere", "1").shows("Sign in")
		refresh(second).is(t, 400, "invalid_grant")
		b = s.enter(t)
		b.open(b.link("/logout")).shows("Sign in").open(s.account("")).shows("Sign in")
		b.open(s.account("") + "&redirect_uri=" + url.QueryEscape(goodbye)).signIn("ann@example.com")
		if b.open(b.link("/logout")); b.at.String() != goodbye {
			t.Errorf("signing out leads to %s", b.at)
		}
	})
}

func TestRecentActivityIsShownWhereThePoolWatches(t *testing.T) {
	t.Parallel()
	s := accountSite(t, "", func(p *idp.CreateUserPoolInput, _ *idp.CreateUserPoolClientInput) {
		p.UserPoolTier, p.UserPoolAddOns = "PLUS", &types.UserPoolAddOnsType{AdvancedSecurityMode: "AUDIT"}
	})
	newBrowser(t).open(s.authorize()).submit("/login", "username", "ann@example.com", "password", "wrong")
	s.enter(t).open(s.account("/activity")).shows("Recent activity", "succeeded", "failed", "127.0.0.1")
}

func TestAnAccountIsDeletedAfterASignInForIt(t *testing.T) {
	databases(t, func(t *testing.T, database string) {
		s := accountSite(t, database, nil)
		b := s.enter(t).open(s.account("/delete")).shows("Please sign in again to continue.")
		b.signIn("ann@example.com").shows("This cannot be undone.")
		page, since := b.page, b.at.Query().Get("since")
		other := s.enter(t)
		other.open(s.account("/delete") + "&since=" + since).shows("Please sign in again to continue.") // asked for in another browser
		s.Advance(t, 6*time.Minute)
		b.submit("/account/delete").shows("Please sign in again to continue.") // too long ago
		b.page = page
		hidden := url.Values{}
		for _, name := range []string{"_csrf", "owner"} {
			hidden.Set(name, regexp.MustCompile(`name="` + name + `" value="([^"]*)"`).FindStringSubmatch(page)[1])
		}
		b.post(s.account("/delete"), hidden).shows("Please sign in again to continue.")
		b.signIn("ann@example.com").submit("/account/delete").shows("Your account has been deleted")
		b.open(s.account("")).signIn("ann@example.com").shows("Incorrect username or password.")
		other.open(s.account("")).shows("Sign in")
	})
}

// What was filled in by one person is not for the account of another, who has signed in in another tab of the browser.
func TestAFormIsForTheAccountThatItShows(t *testing.T) {
	databases(t, func(t *testing.T, database string) {
		s := accountSite(t, database, nil)
		s.addUser(t, "bob@example.com")
		b := s.enter(t)
		type tab struct {
			page string
			at   *url.URL
		}
		tabs := map[string]tab{}
		for _, page := range []string{"/profile", "/password", "/activity"} {
			b.open(s.account(page))
			tabs[page] = tab{b.page, b.at}
		}
		b.open(s.authorize("prompt", "select_account")).shows("Continue as ann@example.com")
		known := tab{b.page, b.at}
		b.open(s.account("/delete")).signIn("ann@example.com").shows("This cannot be undone.")
		tabs["/delete"] = tab{b.page, b.at}
		b.open(s.authorize("prompt", "login")).signIn("bob@example.com").arrived()

		for page, tab := range tabs {
			b.page, b.at = tab.page, tab.at
			b.submit("/account"+page, "attribute.name", "Anna", "previous_password", password, "password", "An0ther-horse!", "everywhere", "1").
				shows("Signed in as bob@example.com")
		}
		got, err := s.SDK().AdminGetUser(t.Context(), &idp.AdminGetUserInput{UserPoolId: &s.pool, Username: ptr("bob@example.com")})
		must(t, err)
		for _, a := range got.UserAttributes {
			if *a.Name == "name" && *a.Value != "Ann" {
				t.Errorf("the other user is called %s now", *a.Value)
			}
		}
		b.page, b.at = known.page, known.at
		b.submit("/login", "continue", "1").shows("Continue as bob@example.com")
		b.submit("/login", "continue", "1").arrived()
		newBrowser(t).open(s.authorize()).signIn("bob@example.com").arrived()
		newBrowser(t).open(s.authorize()).signIn("ann@example.com").arrived()
	})
}

func TestTheWayBackFromAccountPagesMayLeadToAnApp(t *testing.T) {
	t.Parallel()
	const app = "myapp://signed-in"
	s := accountSite(t, "", func(_ *idp.CreateUserPoolInput, c *idp.CreateUserPoolClientInput) { c.CallbackURLs = []string{app} })
	back := "&redirect_uri=" + url.QueryEscape(app)
	b := newBrowser(t).open(s.account("")+back).signIn("ann@example.com").shows("Return to the application", `href="`+app+`"`)
	b.open(s.account("/delete")+back).signIn("ann@example.com").submit("/account/delete").shows("Your account has been deleted", `href="`+app+`"`)
}

func TestAccountPagesAreGuardedAsTheOthers(t *testing.T) {
	t.Parallel()
	s := accountSite(t, "", nil)
	b := s.enter(t)
	for _, page := range []string{"/profile", "/verify", "/password", "/factors", "/factors/totp", "/factors/remove", "/passkeys/add", "/passkeys/delete", "/devices", "/activity", "/delete"} {
		if b.post(s.account(page), url.Values{"everywhere": {"1"}}); b.status != http.StatusForbidden {
			t.Errorf("a form for %s without its token is answered %d", page, b.status)
		}
	}
	b.open(s.account("/activity")).submit("/account/activity", "session", "").shows("Sessions and activity")
	b.open(s.account("")).shows("Your account")
	for name, want := range map[string]string{"X-Frame-Options": "DENY", "Cache-Control": "no-store", "Referrer-Policy": "same-origin"} {
		if got := b.header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if b.open(s.account("") + "&redirect_uri=https://evil.example.com/"); b.status != http.StatusBadRequest || strings.Contains(b.page, "evil") {
		t.Errorf("a way back to elsewhere is answered %d:\n%s", b.status, b.page)
	}
	b.open(s.account("")+"&redirect_uri="+url.QueryEscape(callback)).shows("Return to the application", `href="`+callback+`"`)
	for _, page := range []string{"//evil.example.com", "/../login", `/"><script>`, "?x"} {
		if b.open(s.URL + "/login?" + url.Values{"client_id": {s.client}, "response_type": {"account"}, "page": {page}}.Encode()); b.status != http.StatusBadRequest {
			t.Errorf("a sign-in for the page %q is answered %d", page, b.status)
		}
	}
	if b.open(s.URL + "/account?client_id=nosuchclient0000000000000"); b.status != http.StatusBadRequest {
		t.Errorf("an unknown client is answered %d", b.status)
	}
	if b.open(s.URL + "/login?prompt=none&response_type=account&client_id=" + s.client); b.status != http.StatusBadRequest {
		t.Errorf("prompt=none is answered %d", b.status)
	}
}
