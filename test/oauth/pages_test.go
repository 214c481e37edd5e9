package oauth_test

import (
	"html"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/pquerna/otp/totp"

	"github.com/cenote-id/cenote/internal/cenotetest"
)

func TestANewAccountByThePages(t *testing.T) {
	databases(t, func(t *testing.T, database string) {
		s := newSite(t, database, nil)
		b := newBrowser(t).open(s.authorize()).shows("Create an account")
		b.open(s.URL+strings.Replace(strings.TrimPrefix(s.authorize(), s.URL), "/oauth2/authorize", "/signup", 1)).shows("E-mail address", "At least 8 characters")
		b.submit("/signup", "username", "new@example.com", "password", "short").shows("Password did not conform with policy: ")
		if b.status != http.StatusBadRequest || !strings.Contains(b.page, `value="new@example.com"`) {
			t.Errorf("status %d; the form forgets what was filled in", b.status)
		}
		b.submit("/signup", "username", "new@example.com", "password", password).shows("Confirm your account", "n***@e***")
		first := s.Code(t, "new@example.com")
		b.submit("/confirm", "code", cenotetest.Wrong(first)).shows("Invalid verification code provided, please try again.")
		b.submit("/resendcode").shows("We sent you another code.")
		cenotetest.Eventually(t, "another code is sent", func() bool { return s.Code(t, "new@example.com") != first })
		b.submit("/confirm", "code", s.Code(t, "new@example.com")) // and is signed in, although the client allows no flow for that
		if got := b.arrived(); got.Get("code") == "" || got.Get("state") != "a b&c" {
			t.Errorf("the application got %v", got)
		}
		b = newBrowser(t).open(s.authorize())
		b.submit("/login", "username", "new@example.com", "password", "wrong").shows("Incorrect username or password.").submit("/login", "username", "nobody@example.com", "password", "wrong").shows("Incorrect username or password.")
	})
}

func TestAnUnconfirmedUserIsAskedForTheCodeAtSignIn(t *testing.T) {
	t.Parallel()
	s := newSite(t, "", nil)
	_, err := s.SDK().SignUp(t.Context(), &idp.SignUpInput{ClientId: &s.client, Username: ptr("new@example.com"), Password: ptr(password)})
	must(t, err)
	b := newBrowser(t).open(s.authorize()).signIn("new@example.com").shows("Confirm your account")
	b.submit("/confirm", "code", s.Code(t, "new@example.com")).arrived()
}

func TestAForgottenPassword(t *testing.T) {
	databases(t, func(t *testing.T, database string) {
		s := newSite(t, database, nil)
		s.addUser(t, "ann@example.com")
		b := newBrowser(t).open(s.URL + strings.Replace(strings.TrimPrefix(s.authorize(), s.URL), "/oauth2/authorize", "/forgotPassword", 1))
		b.submit("/forgotPassword", "username", "ann@example.com").shows("a***@e***")
		b.submit("/confirmForgotPassword", "code", cenotetest.Wrong(s.Code(t, "ann@example.com")), "password", "An0ther-horse!").shows("Invalid verification code provided, please try again.")
		b.submit("/confirmForgotPassword", "code", s.Code(t, "ann@example.com"), "password", "weak").shows("Password")
		b.submit("/confirmForgotPassword", "code", s.Code(t, "ann@example.com"), "password", "An0ther-horse!").shows("Sign in", "Your password has been changed.", `value="ann@example.com"`)
		b.submit("/login", "username", "ann@example.com", "password", "An0ther-horse!").arrived()
		b.open(s.URL + strings.Replace(strings.TrimPrefix(s.authorize(), s.URL), "/oauth2/authorize", "/forgotPassword", 1))
		b.submit("/forgotPassword", "username", "nobody@example.com").shows("***@")
	})
}

func TestATemporaryPasswordIsReplaced(t *testing.T) {
	t.Parallel()
	s := newSite(t, "", nil)
	_, err := s.SDK().AdminCreateUser(t.Context(), &idp.AdminCreateUserInput{UserPoolId: &s.pool, Username: ptr("ann@example.com"), TemporaryPassword: ptr(password), MessageAction: "SUPPRESS"})
	must(t, err)
	b := newBrowser(t).open(s.authorize()).signIn("ann@example.com").shows("Choose a new password")
	b.submit("/login/continue", "password", "weak").shows("Password does not conform to policy")
	b.submit("/login/continue", "password", "An0ther-horse!").arrived()
}

var secretPattern = regexp.MustCompile(`<code>([A-Z2-7 ]+)</code>`)

// secret returns the key of the authenticator app that the page sets up.
func (b *browser) secret() string {
	b.t.Helper()
	found := secretPattern.FindStringSubmatch(b.page)
	if found == nil {
		b.t.Fatalf("no key on the page:\n%s", b.page)
	}
	return strings.ReplaceAll(found[1], " ", "")
}

// totp returns the code that an authenticator app with the key shows.
func (s *site) totp(t testing.TB, secret string) string {
	t.Helper()
	code, err := totp.GenerateCode(secret, s.Now())
	must(t, err)
	return code
}

func TestASoftwareTokenIsSetUpAndAskedFor(t *testing.T) {
	databases(t, func(t *testing.T, database string) {
		s := newSite(t, database, nil)
		s.addUser(t, "ann@example.com")
		s.authenticatorApps(t, "ON")
		b := newBrowser(t).open(s.authorize()).signIn("ann@example.com").shows("Set up an authenticator app", "<svg")
		secret := b.secret()
		now := func() string { return s.totp(t, secret) }
		wrong := func() string { return cenotetest.WrongTOTP(t, secret, s.Now()) }
		b.submit("/login/continue", "code", wrong()).shows("Set up an authenticator app")
		b.submit("/login/continue", "code", now()).arrived()
		s.Advance(t, time.Minute)
		b = newBrowser(t).open(s.authorize()).signIn("ann@example.com").shows("Enter the six digits that your authenticator app shows.")
		b.submit("/login/continue", "code", wrong()).shows("The code is not correct. Please try again.").submit("/login/continue", "code", now()).arrived()
	})
}

func TestTheFactorIsChosenWhereThePoolHasSeveral(t *testing.T) {
	t.Parallel()
	s := newSite(t, "", func(p *idp.CreateUserPoolInput, _ *idp.CreateUserPoolClientInput) {
		p.Policies = &types.UserPoolPolicyType{SignInPolicy: &types.SignInPolicyType{AllowedFirstAuthFactors: []types.AuthFactorType{"PASSWORD", "EMAIL_OTP"}}}
	})
	s.addUser(t, "ann@example.com")
	b := newBrowser(t).open(s.authorize())
	if strings.Contains(b.page, `type="password"`) {
		t.Error("the password is asked for before a factor was chosen")
	}
	b.submit("/login", "username", "ann@example.com").shows("Choose how to sign in", "Code by e-mail", "Password")
	b.submit("/login/continue", "answer", "EMAIL_OTP").shows("We sent an e-mail with a code to a***@e***")
	b.submit("/login/continue", "code", cenotetest.Wrong(s.Code(t, "ann@example.com"))).shows("The code is not correct. Please try again.")
	b.submit("/login/continue", "code", s.Code(t, "ann@example.com")).arrived()

	b = newBrowser(t).open(s.authorize()).submit("/login", "username", "ann@example.com").submit("/login/continue", "answer", "PASSWORD").shows("Enter your password")
	// The page says whose password it is, to the person and to password managers, and is still there after a wrong one.
	b.shows(`<p class="who">ann@example.com</p>`, `value="ann@example.com" autocomplete="username" readonly hidden`, "login_hint=ann%40example.com")
	b.submit("/login/continue", "password", "wrong").shows("Incorrect username or password.", "Enter your password").submit("/login/continue", "password", password).arrived()
	newBrowser(t).open(s.authorize()).submit("/login", "username", "ann@example.com").submit("/login/continue", "answer", "PASSWORD").submit("/login/continue", "password", password).arrived()
	newBrowser(t).open(s.authorize()).signIn("ann@example.com").arrived() // both at once, as scripts do
	// An unknown user is offered what some user of the pool is, and goes on as that user does: a single way to sign in is not offered first.
	b = newBrowser(t).open(s.authorize()).submit("/login", "username", "nobody@example.com")
	if !regexp.MustCompile("Choose how to sign in|Enter your password|We sent an e-mail with a code").MatchString(b.page) {
		t.Errorf("an unknown user sees:\n%s", b.page)
	}
}

func TestASingleWayToSignInIsNotOffered(t *testing.T) {
	t.Parallel()
	s := newSite(t, "", func(p *idp.CreateUserPoolInput, _ *idp.CreateUserPoolClientInput) {
		p.Policies = &types.UserPoolPolicyType{SignInPolicy: &types.SignInPolicyType{AllowedFirstAuthFactors: []types.AuthFactorType{"PASSWORD", "WEB_AUTHN"}}}
	})
	s.addUser(t, "ann@example.com") // who has no passkey
	b := newBrowser(t).open(s.authorize()).submit("/login", "username", "ann@example.com").shows("Enter your password")
	b.submit("/login/continue", "password", password).arrived()
}

func TestAFormWorksInItsBrowserAndForFiveMinutes(t *testing.T) {
	t.Parallel()
	s := newSite(t, "", nil)
	_, err := s.SDK().AdminCreateUser(t.Context(), &idp.AdminCreateUserInput{UserPoolId: &s.pool, Username: ptr("ann@example.com"), TemporaryPassword: ptr(password), MessageAction: "SUPPRESS"})
	must(t, err)
	b := newBrowser(t).open(s.authorize())
	login := strings.Replace(s.authorize(), "/oauth2/authorize", "/login", 1)
	form := url.Values{"username": {"ann@example.com"}, "password": {password}}
	if b.post(login, form); b.status != http.StatusForbidden {
		t.Errorf("a form without its token is answered %d", b.status)
	}
	other := newBrowser(t).open(s.authorize())
	form.Set("_csrf", html.UnescapeString(regexp.MustCompile(`name="_csrf" value="([^"]*)"`).FindStringSubmatch(other.page)[1]))
	if b.post(login, form); b.status != http.StatusForbidden {
		t.Errorf("a form with another browser's token is answered %d", b.status)
	}
	for name, value := range map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example.com"} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, login, strings.NewReader(form.Encode()))
		must(t, err)
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set(name, value)
		if other.send(r); other.status != http.StatusForbidden {
			t.Errorf("a form of another site (%s) is answered %d", name, other.status)
		}
	}

	b.open(s.authorize()).signIn("ann@example.com").shows("Choose a new password")
	flow := regexp.MustCompile(`name="flow" value="([^"]*)"`).FindStringSubmatch(b.page)[1]
	other.open(s.authorize())
	other.post(strings.Replace(login, "/login", "/login/continue", 1), url.Values{"_csrf": form["_csrf"], "flow": {flow}, "password": {"An0ther-horse!"}})
	if other.status != http.StatusBadRequest {
		t.Errorf("a sign-in that another browser began is answered %d", other.status)
	}
	s.Advance(t, 5*time.Minute+time.Second)
	if b.submit("/login/continue", "password", "An0ther-horse!").shows("took too long"); b.status != http.StatusBadRequest {
		t.Errorf("after five minutes the form is answered %d", b.status)
	}
}

func TestPagesAreSafeInABrowser(t *testing.T) {
	t.Parallel()
	s := newSite(t, "", nil)
	b := newBrowser(t).open(s.authorize("login_hint", `"><script>alert(1)</script>`, "lang", `"><script>`, "nonce", `"><script>`, "state", `"><script>`))
	if strings.Contains(b.page, "<script>") {
		t.Errorf("the page has a foreign script:\n%s", b.page)
	}
	for name, want := range map[string]string{
		"X-Frame-Options": "DENY", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin", "Cache-Control": "no-store",
	} {
		if got := b.header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	csp := b.header.Get("Content-Security-Policy")
	for _, part := range []string{"default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self' https://app.example.com"} {
		if !strings.Contains(csp, part) {
			t.Errorf("the policy %q lacks %s", csp, part)
		}
	}
	if strings.Contains(csp, "unsafe") {
		t.Errorf("the policy is %q", csp)
	}
	if len(b.page) > 20_000 {
		t.Errorf("the page has %d bytes", len(b.page))
	}
}

func TestPagesSpeakTheLanguageOfTheBrowser(t *testing.T) {
	t.Parallel()
	s := newSite(t, "", nil)
	b := newBrowser(t).open(s.authorize("lang", "de")).shows("Anmelden", `<html lang="de">`)
	b.submit("/login", "username", "ann@example.com", "password", "wrong").shows("Benutzername oder Passwort ist falsch.")
	b.open(s.authorize()).shows(`<html lang="de">`) // the choice is kept
	b.open(s.authorize("lang", "zh-TW")).shows(`<html lang="zh-TW">`)
	b.open(s.authorize("lang", "../en")).shows(`<html lang="zh-TW">`)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, strings.Replace(s.authorize(), "/oauth2/authorize", "/login", 1), nil)
	must(t, err)
	r.Header.Set("Accept-Language", "tlh, pt-PT;q=0.9, en;q=0.1")
	newBrowser(t).send(r).shows(`<html lang="pt-BR">`, "Esqueceu sua senha?")
}

func TestPagesShowTheOperatorsTexts(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	must(t, os.WriteFile(filepath.Join(folder, "de.json"), []byte(`{"sign_in.title":"Willkommen <b>hier</b>"}`), 0o600))
	s := newSite(t, "", nil, "page-texts", folder)
	b := newBrowser(t).open(s.authorize("lang", "de")).shows("Willkommen <b>hier</b>", "E-Mail-Adresse")
	if strings.Contains(b.page, "<b>") {
		t.Error("a text is taken for HTML")
	}
	b.open(s.authorize("lang", "en")).shows("<h1>Sign in</h1>")
}
