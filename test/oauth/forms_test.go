package oauth_test

import (
	"html"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cenote-id/cenote/internal/cenotetest"
)

// page returns the address of a page of the site's client.
func (s *site) page(path string, more ...string) string {
	return strings.Replace(s.authorize(more...), "/oauth2/authorize", path, 1)
}

// spaced writes a code as people and their keyboards do.
func spaced(code string) string { return " " + code[:3] + " " + code[3:] }

func TestFormsTakeWhatPeopleType(t *testing.T) {
	databases(t, func(t *testing.T, database string) {
		s := newSite(t, database, func(p *idp.CreateUserPoolInput, _ *idp.CreateUserPoolClientInput) {
			p.Schema = []types.SchemaAttributeType{{Name: ptr("phone_number"), Required: ptr(true)}, {Name: ptr("updated_at"), AttributeDataType: "Number", Required: ptr(true)}}
		})
		b := newBrowser(t).open(s.page("/signup")).shows("With the country code")
		if strings.Contains(b.page, "updated_at") {
			t.Error("people are asked when they were changed")
		}
		b.submit("/signup", "username", " ann@example.com\u00a0", "attribute.phone_number", "0049 (30) 1234-56", "password", password).shows("Confirm your account")
		b.submit("/confirm", "code", spaced(s.Code(t, "ann@example.com"))).arrived()
		u, err := s.SDK().AdminGetUser(t.Context(), &idp.AdminGetUserInput{UserPoolId: &s.pool, Username: ptr("ann@example.com")})
		must(t, err)
		got := map[string]string{}
		for _, a := range u.UserAttributes {
			got[*a.Name] = *a.Value
		}
		if got["phone_number"] != "+4930123456" || got["email"] != "ann@example.com" || got["updated_at"] == "" {
			t.Errorf("stored: %v", got)
		}
		b = newBrowser(t).open(s.page("/forgotPassword"))
		code := s.another(t, func() { b.submit("/forgotPassword", "username", " ann@example.com ").shows("Reset your password") })
		b.submit("/confirmForgotPassword", "code", spaced(code), "password", "An0ther-horse!").shows("Your password has been changed.")
		b.submit("/login", "username", "ann@example.com ", "password", "An0ther-horse!").arrived()
	})
}

// another returns the code that ann@example.com is sent then.
func (s *site) another(t *testing.T, ask func()) string {
	t.Helper()
	first := s.Code(t, "ann@example.com")
	ask()
	cenotetest.Eventually(t, "another code is sent", func() bool { return s.Code(t, "ann@example.com") != first })
	return s.Code(t, "ann@example.com")
}

// wrong returns the name of the field that the page says is wrong, and whether the cursor is there.
func wrong(b *browser) (name string, focused bool) {
	for _, input := range regexp.MustCompile(`<input[^>]*aria-invalid="true"[^>]*>`).FindAllString(b.page, -1) {
		if !strings.Contains(input, `aria-describedby="problem`) {
			b.t.Errorf("%s does not say what is wrong", input)
		}
		name += regexp.MustCompile(` name="([^"]*)"`).FindStringSubmatch(input)[1]
		focused = strings.Contains(input, " autofocus")
	}
	if n := strings.Count(b.page, " autofocus"); n > 1 {
		b.t.Errorf("%d fields want the cursor", n)
	}
	return name, focused
}

func TestProblemsAreToldAtTheirField(t *testing.T) {
	t.Parallel()
	s := newSite(t, "", func(p *idp.CreateUserPoolInput, _ *idp.CreateUserPoolClientInput) {
		p.Schema = []types.SchemaAttributeType{
			{Name: ptr("phone_number"), Required: ptr(true)},
			{Name: ptr("nickname"), Required: ptr(true), AttributeDataType: "String", StringAttributeConstraints: &types.StringAttributeConstraintsType{MaxLength: ptr("5")}},
		}
	})
	s.addUser(t, "ann@example.com")
	signUp := func(pairs ...string) []string {
		return append([]string{"/signup", "username", "new@example.com", "attribute.phone_number", "+12065550100", "attribute.nickname", "new", "password", password}, pairs...)
	}
	for name, c := range map[string]struct {
		path     string
		form     []string
		field    string
		en, de   string
		neverHas string
	}{
		"a wrong password":           {"/login", []string{"/login", "username", "ann@example.com", "password", "wrong"}, "password", "Incorrect username or password.", "Benutzername oder Passwort ist falsch.", ""},
		"no password":                {"/login", []string{"/login", "username", "ann@example.com", "password", ""}, "password", "Please fill in every field.", "Bitte f\u00fcllen Sie alle Felder aus.", ""},
		"a name with a space inside": {"/login", []string{"/login", "username", "ann lee", "password", "x"}, "username", "Please check this field: E-mail address.", "Bitte pr\u00fcfen Sie dieses Feld: E-Mail-Adresse.", "validation error"},
		"a long name":                {"/login", []string{"/login", "username", strings.Repeat("a", 200), "password", "x"}, "username", "Please check this field: E-mail address.", "Bitte pr\u00fcfen Sie dieses Feld: E-Mail-Adresse.", "validation error"},
		"a name that is no address":  {"/signup", signUp("username", "new"), "username", "Username should be an email.", "Bitte pr\u00fcfen Sie dieses Feld: E-Mail-Adresse.", ""},
		"a weak password":            {"/signup", signUp("password", "short"), "password", "Password did not conform with policy", "Das Passwort erf\u00fcllt nicht alle Anforderungen.", ""},
		"a password with spaces":     {"/signup", signUp("password", " "+password), "password", "The password does not meet all requirements.", "Das Passwort erf\u00fcllt nicht alle Anforderungen.", "validation error"},
		"no phone number":            {"/signup", signUp("attribute.phone_number", "12"), "attribute.phone_number", "Invalid phone number format.", "Bitte pr\u00fcfen Sie dieses Feld: Telefonnummer.", ""},
		"a long attribute":           {"/signup", signUp("attribute.nickname", "something"), "attribute.nickname", "Please check this field: Nickname.", "Bitte pr\u00fcfen Sie dieses Feld: Spitzname.", "schema"},
		"a longer attribute":         {"/signup", signUp("attribute.nickname", strings.Repeat("x", 2049)), "attribute.nickname", "Please check this field: Nickname.", "Bitte pr\u00fcfen Sie dieses Feld: Spitzname.", "validation error"},
		"an address that is taken":   {"/signup", signUp("username", "ann@example.com"), "username", "already exists", "Es gibt bereits ein Konto", ""},
	} {
		t.Run(name, func(t *testing.T) {
			for lang, words := range map[string]string{"en": c.en, "de": c.de} {
				b := newBrowser(t).open(s.page(c.path, "lang", lang)).submit(c.form[0], c.form[1:]...).shows(words)
				if field, focused := wrong(b); field != c.field || !focused || b.status != http.StatusBadRequest {
					t.Errorf("%s: status %d, the wrong field is %q (focused: %t), want %q", lang, b.status, field, focused, c.field)
				}
				if c.neverHas != "" && strings.Contains(html.UnescapeString(b.page), c.neverHas) {
					t.Errorf("%s: the page speaks as to developers:\n%s", lang, b.page)
				}
			}
		})
	}
}

func TestWhoIsConfirmedAlreadyMaySignIn(t *testing.T) {
	t.Parallel()
	s := newSite(t, "", func(_ *idp.CreateUserPoolInput, c *idp.CreateUserPoolClientInput) {
		c.PreventUserExistenceErrors = "LEGACY"
	})
	b := newBrowser(t).open(s.page("/signup")).submit("/signup", "username", "ann@example.com", "password", password)
	page, at, code := b.page, b.at, s.Code(t, "ann@example.com")
	b.submit("/confirm", "code", code).arrived()
	for _, path := range []string{"/confirm", "/resendcode"} {
		b.page, b.at = page, at // another tab, or the same form twice
		b.submit(path, "code", code).shows("Your account is confirmed. Please sign in.", `value="ann@example.com"`)
		if b.status != http.StatusOK {
			t.Errorf("%s is answered %d", path, b.status)
		}
	}
}

// askAgain presses the button of the page that asks for another code. Its form has the fields of pairs, too.
func (b *browser) askAgain(address string, pairs ...string) *browser {
	b.t.Helper()
	form := url.Values{"again": {"1"}}
	for i := 0; i < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	for _, hidden := range regexp.MustCompile(`name="(_csrf|owner|flow)" value="([^"]*)"`).FindAllStringSubmatch(b.page, -1) {
		form.Set(hidden[1], html.UnescapeString(hidden[2]))
	}
	return b.shows(`name="again"`).post(address, form)
}

func TestAnotherCodeIsSentWhereOneIsAskedFor(t *testing.T) {
	t.Parallel()
	s := newSite(t, "", func(p *idp.CreateUserPoolInput, _ *idp.CreateUserPoolClientInput) {
		p.Policies = &types.UserPoolPolicyType{SignInPolicy: &types.SignInPolicyType{AllowedFirstAuthFactors: []types.AuthFactorType{"PASSWORD", "EMAIL_OTP"}}}
	})
	s.addUser(t, "ann@example.com")
	b := newBrowser(t).open(s.authorize()).submit("/login", "username", "ann@example.com").submit("/login/continue", "answer", "EMAIL_OTP")
	code := s.another(t, func() { b.askAgain(s.page("/login/continue")).shows("We sent you another code.") })
	b.submit("/login/continue", "code", code).arrived()

	b = newBrowser(t).open(s.page("/forgotPassword"))
	s.another(t, func() { b.submit("/forgotPassword", "username", "ann@example.com").shows("Send another code") })
	code = s.another(t, func() {
		b.submit("/forgotPassword", "again", "1").shows("We sent you another code.", "Reset your password")
	})
	b.submit("/confirmForgotPassword", "code", code, "password", "An0ther-horse!").shows("Your password has been changed.")
}

func TestAnotherCodeIsSentBehindAPassword(t *testing.T) {
	databases(t, func(t *testing.T, database string) {
		s := newSite(t, database, nil, "message-limit-user", "4")
		s.addUser(t, "ann@example.com")
		_, err := s.SDK().SetUserPoolMfaConfig(t.Context(), &idp.SetUserPoolMfaConfigInput{
			UserPoolId: &s.pool, MfaConfiguration: "ON",
			SmsMfaConfiguration: &types.SmsMfaConfigType{SmsConfiguration: &types.SmsConfigurationType{SnsCallerArn: ptr("arn:aws:iam::000000000000:role/sms"), ExternalId: ptr("x")}},
		})
		must(t, err)
		const phone = "+12065550100"
		again := func(b *browser) *browser { return b.askAgain(s.page("/login/continue")) }

		// While it is set up, the number stays the one that was given.
		b := newBrowser(t).open(s.authorize()).signIn("ann@example.com").submit("/login/continue", "phone", phone)
		first := s.Code(t, phone)
		again(b).shows("We sent you another code.", "+*******0100")
		second := s.Code(t, phone)
		b.submit("/login/continue", "code", first).shows("The code is not correct.")
		b.submit("/login/continue", "code", second).arrived()

		// Behind a password, too: one code is good, the last one, and each of them counts for the limits of messages.
		s.Advance(t, 2*time.Hour)
		b = newBrowser(t).open(s.authorize()).signIn("ann@example.com")
		first = s.Code(t, phone)
		stale := b.page
		again(b)
		second = s.Code(t, phone)
		current := b.page
		b.page = stale
		again(b).shows("This sign-in is over. Please start again.") // by the page of before
		b.page = current
		again(b).shows("We sent you another code.")
		again(b).shows("We sent you another code.")
		third := s.Code(t, phone)
		if first == second || second == third {
			t.Errorf("the codes are %s, %s and %s", first, second, third)
		}
		b.submit("/login/continue", "code", second).shows("The code is not correct.")
		current, at := b.page, b.at
		b.submit("/login/continue", "code", third).arrived()
		b.page, b.at = current, at
		again(b).shows("This sign-in is over. Please start again.") // it has come to its end
		b.open(s.page("/login", "prompt", "login")).signIn("ann@example.com").shows("Attempt limit exceeded, please try after some time.")
	})
}

func TestAnotherCodeIsSentToNobodyWhoMayNotSignInAnyMore(t *testing.T) {
	t.Parallel()
	s := newSite(t, "", nil)
	s.addUser(t, "ann@example.com")
	_, err := s.SDK().SetUserPoolMfaConfig(t.Context(), &idp.SetUserPoolMfaConfigInput{
		UserPoolId: &s.pool, MfaConfiguration: "ON",
		SmsMfaConfiguration: &types.SmsMfaConfigType{SmsConfiguration: &types.SmsConfigurationType{SnsCallerArn: ptr("arn:aws:iam::000000000000:role/sms"), ExternalId: ptr("x")}},
	})
	must(t, err)
	_, err = s.SDK().AdminUpdateUserAttributes(t.Context(), &idp.AdminUpdateUserAttributesInput{
		UserPoolId: &s.pool, Username: ptr("ann@example.com"), UserAttributes: []types.AttributeType{{Name: ptr("phone_number"), Value: ptr("+12065550100")}},
	})
	must(t, err)
	for name, change := range map[string]func() error{
		"another password": func() error {
			_, err := s.SDK().AdminSetUserPassword(t.Context(), &idp.AdminSetUserPasswordInput{UserPoolId: &s.pool, Username: ptr("ann@example.com"), Password: ptr(password), Permanent: true})
			return err
		},
		"signed out everywhere": func() error {
			_, err := s.SDK().AdminUserGlobalSignOut(t.Context(), &idp.AdminUserGlobalSignOutInput{UserPoolId: &s.pool, Username: ptr("ann@example.com")})
			return err
		},
	} {
		b := newBrowser(t).open(s.authorize()).signIn("ann@example.com")
		code := s.Code(t, "+12065550100")
		must(t, change())
		if b.askAgain(s.page("/login/continue")).shows("<h1>Sign in</h1>", "This sign-in is over."); s.Code(t, "+12065550100") != code {
			t.Errorf("%s: a code is sent", name)
		}
	}
}

func TestAPasswordThatHasToBeReplacedIsReplacedFromWhereverItWasTyped(t *testing.T) {
	t.Parallel()
	s := newSite(t, "", func(p *idp.CreateUserPoolInput, _ *idp.CreateUserPoolClientInput) {
		p.Policies = &types.UserPoolPolicyType{SignInPolicy: &types.SignInPolicyType{AllowedFirstAuthFactors: []types.AuthFactorType{"PASSWORD", "EMAIL_OTP"}}}
	})
	s.addUser(t, "ann@example.com")
	b := newBrowser(t).open(s.authorize()).submit("/login", "username", "ann@example.com").submit("/login/continue", "answer", "PASSWORD")
	_, err := s.SDK().AdminResetUserPassword(t.Context(), &idp.AdminResetUserPasswordInput{UserPoolId: &s.pool, Username: ptr("ann@example.com")})
	must(t, err)
	b.submit("/login/continue", "password", password).shows("You have to reset your password.", `value="ann@example.com"`)
	code := s.another(t, func() { b.submit("/forgotPassword") })
	b.submit("/confirmForgotPassword", "code", code, "password", "An0ther-horse!").shows("Your password has been changed.")
}

func TestCodesByTextMessageAreSetUpOnThePages(t *testing.T) {
	databases(t, func(t *testing.T, database string) {
		s := newSite(t, database, nil)
		s.addUser(t, "ann@example.com")
		_, err := s.SDK().SetUserPoolMfaConfig(t.Context(), &idp.SetUserPoolMfaConfigInput{
			UserPoolId: &s.pool, MfaConfiguration: "ON", SoftwareTokenMfaConfiguration: &types.SoftwareTokenMfaConfigType{Enabled: true},
			SmsMfaConfiguration: &types.SmsMfaConfigType{SmsConfiguration: &types.SmsConfigurationType{SnsCallerArn: ptr("arn:aws:iam::000000000000:role/sms"), ExternalId: ptr("x")}},
		})
		must(t, err)
		b := newBrowser(t).open(s.authorize()).signIn("ann@example.com").shows("Set up a second factor")
		b.submit("/login/continue", "answer", "SMS_MFA").shows("Set up codes by text message", "Phone number")
		b.submit("/login/continue", "phone", "12").shows("Invalid phone number format.", "Set up codes by text message")
		if field, _ := wrong(b); field != "phone" {
			t.Errorf("the wrong field is %q", field)
		}
		b.submit("/login/continue", "phone", "+1 (206) 555-0100").shows("We sent a text message with a code to +*******0100.")
		b.submit("/login/continue", "code", cenotetest.Wrong(s.Code(t, "+12065550100"))).shows("The code is not correct.")
		b.submit("/login/continue", "code", s.Code(t, "+12065550100")).arrived()
		u, err := s.SDK().AdminGetUser(t.Context(), &idp.AdminGetUserInput{UserPoolId: &s.pool, Username: ptr("ann@example.com")})
		must(t, err)
		if len(u.UserMFASettingList) != 1 || u.UserMFASettingList[0] != "SMS_MFA" {
			t.Errorf("the factors are %v", u.UserMFASettingList)
		}
		newBrowser(t).open(s.authorize()).signIn("ann@example.com").shows("We sent a text message with a code to +*******0100.")
	})
}

func TestPagesThatEndASignInLeadBackToIt(t *testing.T) {
	t.Parallel()
	s := newSite(t, "", nil)
	b := newBrowser(t).open(s.authorize())
	token := html.UnescapeString(regexp.MustCompile(`name="_csrf" value="([^"]*)"`).FindStringSubmatch(b.page)[1])
	back := func(what string, status int) {
		t.Helper()
		found := regexp.MustCompile(`<a href="(/login\?[^"]*)">Back to sign in</a>`).FindStringSubmatch(b.page)
		if b.status != status || found == nil {
			t.Fatalf("%s: status %d, want %d, with a way back:\n%s", what, b.status, status, b.page)
		}
		b.open(s.URL + html.UnescapeString(found[1])).shows("<h1>Sign in</h1>")
	}
	b.post(s.page("/login"), url.Values{"username": {"ann@example.com"}, "password": {"x"}})
	back("no token", http.StatusForbidden)
	b.post(s.page("/login/continue"), url.Values{"_csrf": {token}, "flow": {"x"}})
	back("a flow of another's making", http.StatusBadRequest)
	b.post(s.page("/login"), url.Values{"_csrf": {token}, "username": {strings.Repeat("a", 70<<10)}})
	back("a large form", http.StatusRequestEntityTooLarge)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.page("/login"), strings.NewReader("_csrf="+token+"&username=%zz"))
	must(t, err)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	b.send(r)
	back("a form that cannot be decoded", http.StatusBadRequest)
	b.open(s.page("/forgotPassword")).submit("/forgotPassword", "username", "ann@example.com").shows("Back to sign in")
	s.Advance(t, 6*time.Minute)
	b.submit("/confirmForgotPassword", "code", "1", "password", password).shows("took too long")
	back("an old form", http.StatusBadRequest)
}

func TestOtherSpellingsOfThePaths(t *testing.T) {
	t.Parallel()
	s := newSite(t, "", nil)
	s.addUser(t, "ann@example.com")
	b := newBrowser(t).open(s.page("/forgotpassword"))
	b.page = strings.ReplaceAll(b.page, "/forgotPassword", "/forgotpassword")
	b.submit("/forgotpassword", "username", "ann@example.com")
	b.page = strings.ReplaceAll(b.page, "/confirmForgotPassword", "/confirmforgotPassword")
	b.submit("/confirmforgotPassword", "code", s.Code(t, "ann@example.com"), "password", "An0ther-horse!").shows("Your password has been changed.")
	b.page = strings.ReplaceAll(b.page, `action="/login`, `action="/oauth2/login`)
	b.submit("/oauth2/login", "username", "ann@example.com", "password", "An0ther-horse!").arrived()
}

func TestTextsInAnotherLanguageAreMarked(t *testing.T) {
	t.Parallel()
	asked := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Amz-Function-Error", "Unhandled")
		_, _ = io.WriteString(w, `{"errorMessage":"Only employees."}`)
	}))
	t.Cleanup(asked.Close)
	arn := "arn:aws:lambda:us-east-1:000000000000:function:guard"
	s := newSite(t, "", func(p *idp.CreateUserPoolInput, _ *idp.CreateUserPoolClientInput) {
		p.LambdaConfig = &types.LambdaConfigType{PreSignUp: &arn}
	}, "trigger:guard", asked.URL)
	b := newBrowser(t).open(s.page("/signup", "lang", "ja")).submit("/signup", "username", "ann@example.com", "password", password)
	b.shows(`id="problem" lang="und" dir="auto">PreSignUp failed with error Only employees.`)
	b.open(s.page("/login", "lang", "ja")).submit("/login", "username", "ann@example.com", "password", "wrong")
	if strings.Contains(b.page, `id="problem" lang=`) {
		t.Errorf("a Japanese text is marked as another:\n%s", b.page)
	}
}

func TestWhoCannotBeSentACodeIsToldWhy(t *testing.T) {
	t.Parallel()
	s := newSite(t, "", func(_ *idp.CreateUserPoolInput, c *idp.CreateUserPoolClientInput) {
		c.PreventUserExistenceErrors = "LEGACY"
	})
	_, err := s.SDK().AdminCreateUser(t.Context(), &idp.AdminCreateUserInput{UserPoolId: &s.pool, Username: ptr("bob@example.com"), MessageAction: "SUPPRESS"})
	must(t, err)
	_, err = s.SDK().AdminSetUserPassword(t.Context(), &idp.AdminSetUserPasswordInput{UserPoolId: &s.pool, Username: ptr("bob@example.com"), Password: ptr(password), Permanent: true})
	must(t, err)
	b := newBrowser(t).open(s.page("/forgotPassword", "lang", "de")).submit("/forgotPassword", "username", "bob@example.com")
	b.shows("da keine E-Mail-Adresse oder Telefonnummer best\u00e4tigt ist")
}
