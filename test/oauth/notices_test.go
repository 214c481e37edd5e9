package oauth_test

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
)

// ask opens an address in a browser that prefers a language.
func (b *browser) ask(address, accepted string) *browser {
	b.t.Helper()
	r, err := http.NewRequestWithContext(b.t.Context(), http.MethodGet, address, nil)
	must(b.t, err)
	r.Header.Set("Accept-Language", accepted)
	return b.send(r)
}

func TestPagesOutsideASignInSpeakTheLanguageOfTheBrowser(t *testing.T) {
	t.Parallel()
	s := newSite(t, "", nil)
	for _, tc := range []struct {
		name, address, accepted string
		shows                   []string
	}{
		{"the error page", s.URL + "/error", "de-AT", []string{`<html lang="de">`, "Bei der angeforderten Seite ist ein Fehler aufgetreten.", "Anfrage "}},
		{"the error page in English", s.URL + "/error", "", []string{`<html lang="en">`, "An error was encountered with the requested page.", "Request "}},
		{"lang before the browser's language", s.URL + "/error?lang=ja", "de", []string{`<html lang="ja">`, "要求されたページでエラーが発生しました。"}},
		{"an unknown provider", s.authorize("identity_provider", "Google"), "fr", []string{`<html lang="fr">`, "Cette option de connexion n’est pas disponible."}},
		{"an unknown provider at the sign-in page", s.at("/login", "identity_provider", "Google", "lang", "es"), "fr", []string{`<html lang="es">`, "Esta opción de inicio de sesión no está disponible."}},
		{"words for developers", s.authorize("client_id", ""), "nl", []string{`<html lang="nl">`, "Er is een fout opgetreden", `<p lang="en" dir="auto">Required String parameter 'client_id' is not present</p>`}},
		{"a broken link of a sign-up", s.URL + "/confirmUser/?client_id=" + s.client + "&user_name=ann&confirmation_code=0", "ko", []string{`<html lang="ko">`, "유효하지 않은 링크입니다"}},
		{"a broken link of a notice", s.URL + "/feedback?lang=it", "ko", []string{`<html lang="it">`, "Questo link non è valido"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			newBrowser(t).ask(tc.address, tc.accepted).shows(tc.shows...)
		})
	}
	newBrowser(t).open(s.at("/login", "lang", "pt-BR")).open(s.URL+"/error").shows(`<html lang="pt-BR">`, "Ocorreu um erro")                                             // the choice is kept
	newBrowser(t).open(s.at("/login", "lang", "id")).post(s.at("/login"), url.Values{"username": {"ann"}}).shows("Silakan kembali ke aplikasi asal Anda dan coba lagi.") // no form of ours
}

func TestAFormToAProviderSpeaksTheLanguageOfTheBrowser(t *testing.T) {
	t.Parallel()
	s := newSAMLSite(t, "", true, "IDPSignout", "true", "MetadataURL", "{server}/_cenote/idp/saml/metadata?slo=post")
	b := newBrowser(t)
	s.enter(t, b, "ann", "").arrived()
	b.ask(s.logout(), "de").shows(`<html lang="de">`, "<h1>Abmeldung läuft</h1>", "Sie werden auch bei Corp abgemeldet.", "<button>Weiter</button>")

	s = newSAMLSite(t, "", true, "MetadataURL", "{server}/_cenote/idp/saml/metadata?sso=post")
	newBrowser(t).open(s.authorize("identity_provider", "Corp", "lang", "fr")).shows(`<html lang="fr">`, "<h1>Connexion en cours</h1>", "Vous allez être redirigé vers Corp", "<button>Continuer</button>")
}

func TestPagesOutsideASignInShowTheOperatorsTexts(t *testing.T) {
	databases(t, func(t *testing.T, database string) {
		folder := t.TempDir()
		s := newSite(t, database, nil, "page-texts", folder)
		other, err := s.SDK().CreateUserPoolClient(t.Context(), &idp.CreateUserPoolClientInput{UserPoolId: &s.pool, ClientName: ptr("other")})
		must(t, err)
		for scope, texts := range map[string]string{
			"":                              `{"error.title":"Our <mistake>","confirm_link.invalid_title":"An old link"}`,
			s.pool:                          `{"error.title":"The shop’s mistake","feedback.invalid_title":"The shop’s old letter"}`,
			filepath.Join(s.pool, s.client): `{"error.title":"The app’s mistake","confirm_link.invalid":"The app sends another."}`,
		} {
			must(t, os.MkdirAll(filepath.Join(folder, scope), 0o700))
			must(t, os.WriteFile(filepath.Join(folder, scope, "en.json"), []byte(texts), 0o600))
		}
		s.Restart(t) // texts are read at the start

		b := newBrowser(t).open(s.URL + "/error").shows("Our <mistake>")
		if strings.Contains(b.page, "<mistake>") {
			t.Error("a text is taken for HTML")
		}
		b.open(s.URL + "/error?client_id=nobody").shows("Our <mistake>")
		b.open(s.URL + "/error?client_id=" + *other.UserPoolClient.ClientId).shows("The shop’s mistake")
		b.open(s.authorize("redirect_uri", "https://evil.example.com/")).shows("The app’s mistake")
		b.open(s.URL+"/confirmUser?client_id="+s.client).shows("An old link", "The app sends another.")
		b.open(s.URL + "/feedback?user_pool_id=" + s.pool).shows("The shop’s old letter")
	})
}
