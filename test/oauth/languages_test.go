package oauth_test

import (
	"encoding/json"
	"html"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cenote-id/cenote/internal/cenotetest"
)

// catalogue reads the texts of a language.
func catalogue(t testing.TB, lang string) (texts map[string]string) {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("../../internal/door/pages/locales", lang+".json"))
	must(t, err)
	must(t, json.Unmarshal(content, &texts))
	return texts
}

var (
	programs = regexp.MustCompile(`(?s)<(script|style)[^>]*>.*?</(script|style)>`)
	said     = regexp.MustCompile(`(?s)>([^<]+)<|(?:aria-label|alt|title|placeholder)="([^"]+)"`)
)

// spokenIn holds the page to a language: it says so, has a title, and says nothing that the English pages say in other words.
func (b *browser) spokenIn(lang string, english, own map[string]string) *browser {
	b.t.Helper()
	if !strings.Contains(b.page, `<html lang="`+lang+`">`) || strings.Contains(b.page, "<title></title>") {
		b.t.Errorf("%s: the page at %s does not say what language it is in, or has no title:\n%s", lang, b.at, b.page)
	}
	for _, m := range said.FindAllStringSubmatch(programs.ReplaceAllString(b.page, ""), -1) {
		text := strings.TrimSpace(html.UnescapeString(m[1] + m[2]))
		for key, words := range english {
			// What stands before a placeholder tells the text as well.
			words, _, _ = strings.Cut(words, "{")
			translated, _, _ := strings.Cut(own[key], "{")
			if words = strings.TrimSpace(words); len(words) > 2 && words != strings.TrimSpace(translated) && (text == words || len(words) > 12 && strings.HasPrefix(text, words)) {
				b.t.Errorf("%s: the page at %s says %q", lang, b.at, text)
			}
		}
	}
	return b
}

func TestNoPageHasEnglishLeftInAnotherLanguage(t *testing.T) {
	t.Parallel()
	s := accountSite(t, "", func(p *idp.CreateUserPoolInput, _ *idp.CreateUserPoolClientInput) {
		p.UserPoolTier, p.UserPoolAddOns = "PLUS", &types.UserPoolAddOnsType{AdvancedSecurityMode: "AUDIT"}
		p.DeviceConfiguration = &types.DeviceConfigurationType{ChallengeRequiredOnNewDevice: true, DeviceOnlyRememberedOnUserPrompt: true}
		p.Policies = &types.UserPoolPolicyType{SignInPolicy: &types.SignInPolicyType{AllowedFirstAuthFactors: []types.AuthFactorType{"PASSWORD", "EMAIL_OTP", "WEB_AUTHN"}}}
		for _, name := range []string{"name", "phone_number", "birthdate", "address"} {
			p.Schema = append(p.Schema, types.SchemaAttributeType{Name: ptr(name), AttributeDataType: "String", Required: ptr(name != "phone_number")})
		}
	})
	_, err := s.SDK().SetUserPoolMfaConfig(t.Context(), &idp.SetUserPoolMfaConfigInput{
		UserPoolId: &s.pool, MfaConfiguration: "OPTIONAL", SoftwareTokenMfaConfiguration: &types.SoftwareTokenMfaConfigType{Enabled: true},
		WebAuthnConfiguration: &types.WebAuthnConfigurationType{RelyingPartyId: ptr("example.com"), UserVerification: "preferred"},
	})
	must(t, err)
	s.tracksSessions(t)
	english := catalogue(t, "en")
	for _, lang := range []string{"de", "es", "fr", "id", "it", "ja", "ko", "nl", "pt-BR", "zh-CN", "zh-TW"} {
		t.Run(lang, func(t *testing.T) {
			own := catalogue(t, lang)
			b := newBrowser(t)
			b.t = t
			holds := func() { t.Helper(); b.spokenIn(lang, english, own) }
			email := "ann-" + strings.ToLower(lang) + "@example.com"
			b.open(s.page("/login", "lang", lang))
			holds()
			b.submit("/login", "username", email, "password", "wrong")
			holds()
			b.open(s.page("/signup"))
			holds()
			attributes := []string{"attribute.name", "Ann", "attribute.birthdate", "1990-01-01", "attribute.address", "Here 1"}
			b.submit("/signup", append([]string{"username", email, "password", "weak"}, attributes...)...)
			holds()
			b.submit("/signup", append([]string{"username", email, "password", password}, attributes...)...)
			holds()
			b.submit("/confirm", "code", cenotetest.Wrong(s.Code(t, email)))
			holds()
			b.submit("/confirm", "code", s.Code(t, email)) // a passkey is offered
			holds()
			b.submit("/signup/passkey", "credential", "{}")
			holds()
			for _, page := range []string{"", "/profile", "/password", "/factors", "/passkeys", "/passkeys/add", "/devices", "/activity", "/delete"} {
				b.open(s.account(page))
				holds()
			}
			b.open(s.account("/password")).submit("/account/password", "previous_password", "wrong", "password", "An0ther-horse!")
			holds()
			b.open(s.account("/activity")).submit("/account/activity", "session", "tkn000000000000000000000000a")
			holds()
			b.open(s.account("/profile")).submit("/account/profile", "attribute.phone_number", "12")
			holds()
			b.open(s.account("/factors")).submit("/account/factors/totp")
			holds()
			b.submit("/account/factors/totp", "code", cenotetest.WrongTOTP(t, b.secret(), s.Now()))
			holds()
			b.open(s.page("/login", "prompt", "login", "lang", lang)).submit("/login", "username", email)
			holds()
			b.submit("/login/continue", "answer", "EMAIL_OTP")
			holds()
			b.askAgain(s.page("/login/continue"))
			holds()
			b.open(s.page("/login", "prompt", "login")).submit("/login", "username", email).submit("/login/continue", "answer", "PASSWORD")
			holds()
			b.open(s.page("/forgotPassword"))
			holds()
			b.submit("/forgotPassword", "username", email)
			holds()
			b.submit("/confirmForgotPassword", "code", cenotetest.Wrong(s.Code(t, email)), "password", "An0ther-horse!")
			holds()
			b.open(s.URL + "/error")
			holds()
		})
	}
}
