package pages

import (
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	xlanguage "golang.org/x/text/language"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/user"
)

var placeholder = regexp.MustCompile(`\{[a-z]+\}`)

// alike are the texts that a language shares with English.
var alike = map[string][]string{
	"de": {"factor.WEB_AUTHN", "code.label", "attribute.name", "attribute.website", "passkeys.title"},
	"fr": {"code.label"},
	"it": {"password.label", "factor.PASSWORD", "factor.WEB_AUTHN", "own_password.title"},
	"nl": {"factor.WEB_AUTHN", "code.label", "attribute.website", "passkeys.title"},
}

func TestEveryLanguageHasEveryText(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("locales/*.json")
	if err != nil || len(files) != len(tags) || len(tags) != 12 {
		t.Fatalf("%d catalogues and %d languages: %v", len(files), len(tags), err)
	}
	words := func(key string) bool { return strings.HasPrefix(key, "fault.") }
	english, faults := languages()["en"].texts, slices.DeleteFunc(slices.Sorted(maps.Keys(languages()["de"].texts)), func(key string) bool { return !words(key) })
	plain := slices.DeleteFunc(slices.Collect(maps.Keys(english)), words)
	for _, tag := range tags {
		texts := languages()[tag].texts
		want := slices.Concat(plain, faults)
		if tag == "en" { // the words of most faults are English already
			want = slices.Concat(plain, slices.DeleteFunc(slices.Collect(maps.Keys(texts)), func(key string) bool { return !words(key) }))
		}
		slices.Sort(want)
		if diff := cmp.Diff(want, slices.Sorted(maps.Keys(texts))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tag, diff)
		}
		for key, text := range texts {
			if strings.TrimSpace(text) == "" {
				t.Errorf("%s: %s is empty", tag, key)
			}
			if tag != "en" && text == english[key] && !slices.Contains(alike[tag], key) {
				t.Errorf("%s: %s is English", tag, key)
			}
			if diff := cmp.Diff(slices.Sorted(slices.Values(placeholder.FindAllString(english[key], -1))), slices.Sorted(slices.Values(placeholder.FindAllString(text, -1)))); diff != "" {
				t.Errorf("%s: %s has other placeholders:\n%s", tag, key, diff)
			}
		}
	}
}

func TestTheBestLanguageOfABrowser(t *testing.T) {
	t.Parallel()
	for accepted, want := range map[string]string{
		"":                              "en",
		"tlh":                           "en",
		"de-CH, en;q=0.5":               "de",
		"pt":                            "pt-BR",
		"pt-PT":                         "pt-BR",
		"zh":                            "zh-CN",
		"zh-HK":                         "zh-TW",
		"zh-Hant":                       "zh-TW",
		"tlh, ja;q=0.8, fr;q=0.9":       "fr",
		"en-GB,en;q=0.9,de;q=0.8":       "en",
		"nl-BE;q=0.8, es-419;q=0.9, *":  "es",
		strings.Repeat("x", 5000) + ";": "en",
	} {
		parsed, _, _ := xlanguage.ParseAcceptLanguage(accepted)
		_, i, _ := matcher().Match(parsed...)
		if tags[i] != want {
			t.Errorf("%.40q: %s, want %s", accepted, tags[i], want)
		}
	}
}

func TestTheLanguageThatAnApplicationAsksFor(t *testing.T) {
	t.Parallel()
	for asked, want := range map[string]string{
		"de": "de", "DE": "de", "de-AT": "de", "de_CH": "de", "pt-br": "pt-BR", "pt-PT": "pt-BR", "en-GB": "en", "zh": "zh-CN", "zh-Hant": "zh-TW", "zh-HK": "zh-TW",
		"": "", "tlh": "", "sv": "", "../en": "", "und": "", "mul": "", "*": "", strings.Repeat("de-", 4000): "",
	} {
		if got := tagFor(asked); got != want {
			t.Errorf("%.40q: %q, want %q", asked, got, want)
		}
	}
}

func TestFaultsAreToldInTheLanguage(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		tag  string
		err  *fault.Error
		want string
	}{
		{"en", fault.New(fault.NotAuthorized, "Incorrect username or password."), "Incorrect username or password."},
		{"en", fault.New(fault.EnableSoftwareTokenMFA, "Code mismatch and fail enable Software Token MFA"), "The code is not correct. Please try again."},
		{"en", fault.New(fault.NotAuthorized, "Invalid session for the user, session is expired."), "This sign-in took too long. Please start again."},
		{"de", fault.New(fault.NotAuthorized, "Incorrect username or password."), "Benutzername oder Passwort ist falsch."},
		{"de", fault.New(fault.NotAuthorized, "User is disabled."), "Dieses Konto ist deaktiviert."},
		{"fr", fault.New(fault.EnableSoftwareTokenMFA, "Code mismatch and fail enable Software Token MFA"), "Le code n’est pas correct."},
		{"de", fault.New(fault.NotAuthorized, "Unable to login because of security reasons."), "Aus Sicherheitsgr\u00fcnden ist die Anmeldung nicht m\u00f6glich."},
		{"nl", fault.New(fault.InvalidPassword, "Provided password cannot be used for security reasons."), "Dit wachtwoord mag om veiligheidsredenen niet worden gebruikt."},
		{"fr", fault.New(fault.UserLambdaValidation, "PreSignUp failed with error No."), "PreSignUp failed with error No."},
		{"de", fault.New(fault.NotAuthorized, "Attempt limit exceeded, please try after some time."), "Zu viele Versuche. Bitte versuchen Sie es nach einiger Zeit erneut."},
		{"en", fault.New(fault.NotAuthorized, "Attempt limit exceeded, please try after some time."), "Attempt limit exceeded, please try after some time."},
		{"de", fault.New(fault.NotAuthorized, "Temporary password has expired and must be reset by an administrator."), "Ihr temporäres Passwort ist abgelaufen. Bitten Sie Ihren Administrator um ein neues."},
		{"it", fault.New(fault.NotAuthorized, "SignUp is not permitted for this user pool"), "Qui gli account vengono creati da un amministratore."},
		{"nl", fault.New(fault.NotAuthorized, "User password cannot be reset in the current state."), "Vraag uw beheerder om het wachtwoord opnieuw in te stellen."},
		{"en", fault.New(fault.WebAuthnRelyingPartyMismatch, "The credential belongs to another relying party."), "The passkey was not accepted. Please try again, or go back and choose another way."},
		{"en", user.TooManyPasskeys(), "Your account has the maximum number of passkeys. Delete one before you add another."},
		{"de", user.TooManyPasskeys(), "Ihr Konto hat die größtmögliche Zahl an Passkeys. Löschen Sie einen, bevor Sie einen weiteren hinzufügen."},
		{"de", fault.New(fault.ResourceNotFound, "Device does not exist."), "Das gibt es nicht mehr."},
		{"de", fault.New(fault.UnexpectedLambda, "PreSignUp invocation failed due to error No."), "Bitte versuchen Sie es später erneut."},
		{"en", fault.New(fault.UnexpectedLambda, "PreSignUp invocation failed due to error No."), "PreSignUp invocation failed due to error No."},
	} {
		if got, _ := languages()[test.tag].quote(test.err); got != test.want {
			t.Errorf("%s: %q, want %q", test.tag, got, test.want)
		}
	}
}
