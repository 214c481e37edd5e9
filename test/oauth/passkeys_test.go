package oauth_test

import (
	"encoding/json"
	"html"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/descope/virtualwebauthn"

	"github.com/cenote-id/cenote/internal/cenotetest/passkeytest"
	"github.com/cenote-id/cenote/internal/user"
)

// authenticator holds one passkey, and the browser in front of it.
type authenticator struct {
	virtualwebauthn.Authenticator
	key virtualwebauthn.Credential
	rp  virtualwebauthn.RelyingParty
}

// passkeySite is a site whose users may sign in by passkey.
func passkeySite(t testing.TB, database string) *site {
	t.Helper()
	s := newSite(t, database, func(p *idp.CreateUserPoolInput, _ *idp.CreateUserPoolClientInput) {
		p.Policies = &types.UserPoolPolicyType{SignInPolicy: &types.SignInPolicyType{AllowedFirstAuthFactors: []types.AuthFactorType{"PASSWORD", "WEB_AUTHN"}}}
	})
	_, err := s.SDK().SetUserPoolMfaConfig(t.Context(), &idp.SetUserPoolMfaConfigInput{
		UserPoolId: &s.pool, MfaConfiguration: "OFF",
		WebAuthnConfiguration: &types.WebAuthnConfigurationType{RelyingPartyId: ptr("example.com"), UserVerification: "preferred"},
	})
	must(t, err)
	s.addUser(t, "ann@example.com")
	return s
}

// addPasskey registers a passkey for the user on the page.
func (s *site) addPasskey(t testing.TB, email string) *authenticator {
	t.Helper()
	d := &authenticator{
		Authenticator: virtualwebauthn.NewAuthenticator(), key: virtualwebauthn.NewCredential(virtualwebauthn.KeyTypeRSA),
		rp: virtualwebauthn.RelyingParty{ID: "example.com", Origin: "https://login.example.com"},
	}
	b := newBrowser(t).open(s.authorize()).signIn(email)
	b.open(s.URL + "/passkeys/add?client_id=" + s.client + "&redirect_uri=" + callback)
	parsed, err := virtualwebauthn.ParseAttestationOptions(b.options())
	must(t, err)
	d.Options.UserHandle = []byte(parsed.UserID)
	b.submit("/passkeys/add", "credential", virtualwebauthn.CreateAttestationResponse(d.rp, d.Authenticator, d.key, *parsed)).arrived()
	return d
}

var optionsPattern = regexp.MustCompile(`JSON\.parse\(("(?:[^"\\]|\\.)*")\)`)

// options are the WebAuthn options that the page's script has.
func (b *browser) options() string {
	b.t.Helper()
	found := optionsPattern.FindStringSubmatch(b.page)
	if found == nil {
		b.t.Fatalf("no options on the page:\n%s", b.page)
	}
	var text string
	must(b.t, json.Unmarshal([]byte(found[1]), &text))
	return text
}

// answer is what the authenticator says to the options of the page.
func (d *authenticator) answer(b *browser) string {
	b.t.Helper()
	parsed, err := virtualwebauthn.ParseAssertionOptions(b.options())
	must(b.t, err)
	return virtualwebauthn.CreateAssertionResponse(d.rp, d.Authenticator, d.key, *parsed)
}

func TestAPasskeyThatTellsWhoseItIsSignsIn(t *testing.T) {
	databases(t, func(t *testing.T, database string) {
		s := passkeySite(t, database)
		d := s.addPasskey(t, "ann@example.com")
		b := newBrowser(t).open(s.authorize("nonce", "n1"))
		page, answer := b.page, d.answer(b)
		got := s.tokens(t, b.submit("/login/passkey", "credential", answer).arrived().Get("code"))
		if info := s.userInfo(t, got.token(t, "access_token")); info.body["email"] != "ann@example.com" {
			t.Errorf("signed in is %v", info.body)
		}
		b.page = page
		b.at.Scheme, b.at.Host = "http", strings.TrimPrefix(s.URL, "http://")
		b.submit("/login/passkey", "credential", answer).shows("Sign in") // each counts once
		if b.status != http.StatusBadRequest || strings.Contains(b.page, "/login/passkey") {
			t.Errorf("a passkey that is used again is answered %d:\n%s", b.status, b.page)
		}
	})
}

// A passkey does not let in whoever needs a second factor, unless the pool says that it stands for both. The page says why.
func TestAPasskeyBesideASecondFactor(t *testing.T) {
	t.Parallel()
	s := passkeySite(t, "")
	d := s.addPasskey(t, "ann@example.com")
	needs := func(mfa types.UserPoolMfaType, verification types.UserVerificationType, factors types.WebAuthnFactorConfigurationType) {
		t.Helper()
		_, err := s.SDK().SetUserPoolMfaConfig(t.Context(), &idp.SetUserPoolMfaConfigInput{
			UserPoolId: &s.pool, MfaConfiguration: mfa, SoftwareTokenMfaConfiguration: &types.SoftwareTokenMfaConfigType{Enabled: true},
			WebAuthnConfiguration: &types.WebAuthnConfigurationType{
				RelyingPartyId: ptr("example.com"), UserVerification: verification, FactorConfiguration: factors,
			},
		})
		must(t, err)
	}
	needs("ON", "required", "MULTI_FACTOR_WITH_USER_VERIFICATION")
	b := newBrowser(t).open(s.authorize()).signIn("ann@example.com").shows("Set up an authenticator app")
	b.submit("/login/continue", "code", s.totp(t, b.secret())).arrived()

	needs("OPTIONAL", "preferred", "SINGLE_FACTOR")
	b = newBrowser(t).open(s.authorize())
	b.submit("/login/passkey", "credential", d.answer(b)).shows("a second factor, which a passkey does not replace")
	b = newBrowser(t).open(s.authorize("lang", "de"))
	b.submit("/login/passkey", "credential", d.answer(b)).shows("den ein Passkey nicht ersetzt")

	// The password is all that is left to choose: no page asks for a choice.
	newBrowser(t).open(s.authorize()).submit("/login", "username", "ann@example.com").shows("Enter your password")

	needs("OPTIONAL", "required", "MULTI_FACTOR_WITH_USER_VERIFICATION")
	b = newBrowser(t).open(s.authorize())
	b.submit("/login/passkey", "credential", d.answer(b)).arrived()
}

func TestAPasskeyThatDoesNotFitIsRefused(t *testing.T) {
	t.Parallel()
	s := passkeySite(t, "")
	s.addUser(t, "bob@example.com")
	ann, bob := s.addPasskey(t, "ann@example.com"), s.addPasskey(t, "bob@example.com")
	refused := func(name string, b *browser, pairs ...string) {
		t.Helper()
		if b.submit("/login/passkey", pairs...); b.status != http.StatusBadRequest || b.at.Host == "app.example.com" {
			t.Errorf("%s: answered %d at %s", name, b.status, b.at)
		}
	}
	open := func() *browser { return newBrowser(t).open(s.authorize()) }

	b := open()
	stolen := *bob
	stolen.Options.UserHandle = ann.Options.UserHandle
	refused("another user's handle", b, "credential", stolen.answer(b))
	for _, handle := range []string{"", "\x00", "' or 1=1 --", "00000000-0000-4000-8000-000000000000", "{" + string(ann.Options.UserHandle) + "}"} {
		b, d := open(), *ann
		d.Options.UserHandle = []byte(handle)
		refused("the handle "+handle, b, "credential", d.answer(b))
	}
	b = open()
	other := open()
	refused("the answer to another page", b, "credential", ann.answer(other))
	for _, credential := range []string{"", "{}", "[]", "null", strings.Repeat("x", 1000)} {
		refused("the credential "+credential, open(), "credential", credential)
	}
	for _, session := range []string{"", "x", "AAAA"} {
		b := open()
		refused("the session "+session, b, "credential", ann.answer(b), "session", session)
	}
	b = open()
	evil := *ann
	evil.rp.Origin = "https://evil.example.net"
	refused("another origin", b, "credential", evil.answer(b))
	b = open()
	s.Advance(t, 16*time.Minute)
	refused("a page that was open for too long", b, "credential", ann.answer(b))
	_, err := s.SDK().AdminDisableUser(t.Context(), &idp.AdminDisableUserInput{UserPoolId: &s.pool, Username: ptr("ann@example.com")})
	must(t, err)
	b = open()
	refused("a disabled user", b, "credential", ann.answer(b))
}

func TestPasskeysAreOfferedOnlyWhereTheySignIn(t *testing.T) {
	t.Parallel()
	s := newSite(t, "", nil)
	b := newBrowser(t).open(s.authorize())
	if strings.Contains(b.page, "webauthn") || strings.Contains(b.page, "navigator.credentials") {
		t.Errorf("passkeys are offered:\n%s", b.page)
	}
	csrf := html.UnescapeString(regexp.MustCompile(`name="_csrf" value="([^"]*)"`).FindStringSubmatch(b.page)[1])
	b.post(strings.Replace(s.authorize(), "/oauth2/authorize", "/login/passkey", 1), map[string][]string{"_csrf": {csrf}, "credential": {"{}"}})
	if b.status != http.StatusBadRequest {
		t.Errorf("a passkey is answered %d", b.status)
	}
}

// signUp makes an account on the pages, as far as the page behind the code.
func (s *site) signUp(t testing.TB, email string, more ...string) *browser {
	t.Helper()
	b := newBrowser(t).open(s.page("/signup", more...)).submit("/signup", "username", email, "password", password)
	return b.submit("/confirm", "code", s.Code(t, email))
}

func TestAPasskeyIsOfferedAtTheEndOfASignUp(t *testing.T) {
	databases(t, func(t *testing.T, database string) {
		s := passkeySite(t, database)
		b := s.signUp(t, "new@example.com", "nonce", "n1").shows("Add a passkey", "Not now")
		parsed, err := virtualwebauthn.ParseAttestationOptions(b.options())
		must(t, err)
		d := &authenticator{
			Authenticator: virtualwebauthn.NewAuthenticator(), key: virtualwebauthn.NewCredential(virtualwebauthn.KeyTypeRSA),
			rp: virtualwebauthn.RelyingParty{ID: "example.com", Origin: "https://login.example.com"},
		}
		d.Options.UserHandle = []byte(parsed.UserID)
		b.submit("/signup/passkey", "credential", "{}").shows("Add a passkey", "Not now")
		parsed, err = virtualwebauthn.ParseAttestationOptions(b.options())
		must(t, err)
		got := b.submit("/signup/passkey", "credential", virtualwebauthn.CreateAttestationResponse(d.rp, d.Authenticator, d.key, *parsed)).arrived()
		if got.Get("state") != "a b&c" {
			t.Errorf("the application got %v", got)
		}
		claims := payload(t, s.tokens(t, got.Get("code")).token(t, "id_token"))
		if claims["email"] != "new@example.com" || claims["nonce"] != "n1" {
			t.Errorf("signed in is %v", claims)
		}
		b = newBrowser(t).open(s.authorize())
		b.submit("/login/passkey", "credential", d.answer(b)).arrived()

		// Whoever wants none goes on, also where the application insists on a sign-in: this was one.
		b = s.signUp(t, "other@example.com", "prompt", "login", "max_age", "0").shows("Add a passkey")
		b.submit("/signup/passkey", "skip", "1").arrived()
		// Others are not asked: neither who signs in, nor who is to confirm in another way.
		newBrowser(t).open(s.authorize()).submit("/login", "username", "other@example.com").submit("/login/continue", "password", password).arrived()
		newBrowser(t).open(s.page("/signup/passkey")).shows("<h1>Sign in</h1>")
	})
}

func TestAPasskeyIsNotOfferedToWhomItWouldNotSignIn(t *testing.T) {
	t.Parallel()
	s := passkeySite(t, "")
	const email, phone = "new@example.com", "+12065550100"
	needs := func(mfa types.UserPoolMfaType, factors types.WebAuthnFactorConfigurationType) {
		t.Helper()
		_, err := s.SDK().SetUserPoolMfaConfig(t.Context(), &idp.SetUserPoolMfaConfigInput{
			UserPoolId: &s.pool, MfaConfiguration: mfa, SoftwareTokenMfaConfiguration: &types.SoftwareTokenMfaConfigType{Enabled: true},
			SmsMfaConfiguration:   &types.SmsMfaConfigType{SmsConfiguration: &types.SmsConfigurationType{SnsCallerArn: ptr("arn:aws:iam::000000000000:role/sms"), ExternalId: ptr("x")}},
			WebAuthnConfiguration: &types.WebAuthnConfigurationType{RelyingPartyId: ptr("example.com"), UserVerification: "required", FactorConfiguration: factors},
		})
		must(t, err)
	}
	needs("ON", "MULTI_FACTOR_WITH_USER_VERIFICATION")
	b := s.signUp(t, "both@example.com").submit("/login/continue", "answer", "SOFTWARE_TOKEN_MFA").shows("Set up an authenticator app")
	b.submit("/login/continue", "code", s.totp(t, b.secret())).shows("Add a passkey") // which is as good as both

	needs("OPTIONAL", "SINGLE_FACTOR")
	b = newBrowser(t).open(s.page("/signup")).submit("/signup", "username", email, "password", password)
	_, err := s.SDK().AdminUpdateUserAttributes(t.Context(), &idp.AdminUpdateUserAttributesInput{
		UserPoolId: &s.pool, Username: ptr(email), UserAttributes: []types.AttributeType{{Name: ptr("phone_number"), Value: ptr(phone)}},
	})
	must(t, err)
	_, err = s.SDK().AdminSetUserMFAPreference(t.Context(), &idp.AdminSetUserMFAPreferenceInput{
		UserPoolId: &s.pool, Username: ptr(email), SMSMfaSettings: &types.SMSMfaSettingsType{Enabled: true},
	})
	must(t, err)
	b.submit("/confirm", "code", s.Code(t, email)).submit("/login/continue", "code", s.Code(t, phone)).arrived()

	// A client that takes over no session could not go on behind the page.
	s = passkeySite(t, "")
	s.tracksSessions(t)
	s.takesOver(t, 0)
	s.signUp(t, "new@example.com").arrived()
}

func TestAFullSetOfPasskeysIsNoTooManyAttempts(t *testing.T) {
	databases(t, func(t *testing.T, database string) {
		s := passkeySite(t, database)
		b := newBrowser(t).open(s.authorize()).signIn("ann@example.com")
		add := s.URL + "/passkeys/add?client_id=" + s.client + "&redirect_uri=" + callback + "&lang=de"
		rp := virtualwebauthn.RelyingParty{ID: "example.com", Origin: "https://login.example.com"}
		last := ""
		for range user.MaxPasskeys {
			last = b.open(add).page
			parsed, err := virtualwebauthn.ParseAttestationOptions(b.options())
			must(t, err)
			d := virtualwebauthn.NewAuthenticator()
			d.Options.UserHandle = []byte(parsed.UserID)
			b.submit("/passkeys/add", "credential", virtualwebauthn.CreateAttestationResponse(rp, d, passkeytest.NewKey(t, virtualwebauthn.KeyTypeEC2), *parsed)).arrived()
		}
		if strings.Contains(last, "gr\u00f6\u00dftm\u00f6gliche Zahl") {
			t.Error("the last passkey is refused")
		}
		b.open(add).shows("die gr\u00f6\u00dftm\u00f6gliche Zahl an Passkeys")
		if b.status != http.StatusBadRequest || strings.Contains(b.page, "Zu viele Versuche") {
			t.Errorf("one more is answered %d:\n%s", b.status, b.page)
		}
	})
}
