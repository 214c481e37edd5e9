// Package oauth_test drives the OAuth endpoints and the sign-in pages as a browser and an application do, on both databases.
package oauth_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cenote-id/cenote/internal/cenotetest"
	"github.com/cenote-id/cenote/internal/cenotetest/pgtest"
)

const (
	callback = "https://app.example.com/callback"
	goodbye  = "https://app.example.com/goodbye"
	password = "Corr3ct-horse!"
)

// site is a server with a pool, a public client and a user.
type site struct {
	*cenotetest.Server
	pool   string
	client string
	secret string
}

// databases runs a test on both databases.
func databases(t *testing.T, test func(t *testing.T, database string)) {
	t.Parallel()
	for name, start := range map[string]func(testing.TB) string{
		"sqlite": func(testing.TB) string { return "" }, "postgres": func(t testing.TB) string { return pgtest.Start(t) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, start(t))
		})
	}
}

// newSite starts a server with the settings, which are names and values; trigger:NAME is the address of a function. change alters what is made
// there.
func newSite(t testing.TB, database string, change func(*idp.CreateUserPoolInput, *idp.CreateUserPoolClientInput), pairs ...string) *site {
	t.Helper()
	settings, functions := map[string]string{}, map[string]string{}
	for i := 0; i < len(pairs); i += 2 {
		if name, ok := strings.CutPrefix(pairs[i], "trigger:"); ok {
			functions[name] = pairs[i+1]
			continue
		}
		settings[pairs[i]] = pairs[i+1]
	}
	if database != "" {
		settings["database"] = database
	}
	s := &site{Server: cenotetest.Start(t, cenotetest.Options{Settings: settings, Triggers: functions})}
	pool := &idp.CreateUserPoolInput{
		PoolName: ptr("shop"), UsernameAttributes: []types.UsernameAttributeType{"email"}, AutoVerifiedAttributes: []types.VerifiedAttributeType{"email"},
	}
	client := &idp.CreateUserPoolClientInput{
		ClientName: ptr("app"), AllowedOAuthFlowsUserPoolClient: true, AllowedOAuthFlows: []types.OAuthFlowType{"code", "implicit"},
		AllowedOAuthScopes: []string{"openid", "email", "phone", "profile", "aws.cognito.signin.user.admin"},
		CallbackURLs:       []string{callback}, LogoutURLs: []string{goodbye}, SupportedIdentityProviders: []string{"COGNITO"},
		ExplicitAuthFlows: []types.ExplicitAuthFlowsType{"ALLOW_REFRESH_TOKEN_AUTH"}, PreventUserExistenceErrors: "ENABLED",
	}
	if change != nil {
		change(pool, client)
	}
	p, err := s.SDK().CreateUserPool(t.Context(), pool)
	must(t, err)
	s.pool = *p.UserPool.Id
	client.UserPoolId = &s.pool
	c, err := s.SDK().CreateUserPoolClient(t.Context(), client)
	must(t, err)
	s.client = *c.UserPoolClient.ClientId
	if c.UserPoolClient.ClientSecret != nil {
		s.secret = *c.UserPoolClient.ClientSecret
	}
	return s
}

// addUser makes a confirmed user.
func (s *site) addUser(t testing.TB, email string) {
	t.Helper()
	_, err := s.SDK().AdminCreateUser(t.Context(), &idp.AdminCreateUserInput{
		UserPoolId: &s.pool, Username: &email, MessageAction: "SUPPRESS",
		UserAttributes: []types.AttributeType{{Name: ptr("email"), Value: &email}, {Name: ptr("email_verified"), Value: ptr("true")}, {Name: ptr("name"), Value: ptr("Ann")}},
	})
	must(t, err)
	_, err = s.SDK().AdminSetUserPassword(t.Context(), &idp.AdminSetUserPasswordInput{UserPoolId: &s.pool, Username: &email, Password: ptr(password), Permanent: true})
	must(t, err)
}

// authenticatorApps lets users have an authenticator app as their second factor, as far as MFA is ON or OPTIONAL.
func (s *site) authenticatorApps(t testing.TB, mfa types.UserPoolMfaType) {
	t.Helper()
	_, err := s.SDK().SetUserPoolMfaConfig(t.Context(), &idp.SetUserPoolMfaConfigInput{
		UserPoolId: &s.pool, MfaConfiguration: mfa, SoftwareTokenMfaConfiguration: &types.SoftwareTokenMfaConfigType{Enabled: true},
	})
	must(t, err)
}

// authorize returns the address of an authorization request; pairs are parameters besides the usual ones. An empty value leaves one out.
func (s *site) authorize(pairs ...string) string {
	q := url.Values{"client_id": {s.client}, "response_type": {"code"}, "redirect_uri": {callback}, "scope": {"openid email"}, "state": {"a b&c"}}
	for i := 0; i < len(pairs); i += 2 {
		if q.Set(pairs[i], pairs[i+1]); pairs[i+1] == "" {
			q.Del(pairs[i])
		}
	}
	return s.URL + "/oauth2/authorize?" + q.Encode()
}

// browser is a browser without scripts.
type browser struct {
	t      testing.TB
	client *http.Client
	page   string
	status int
	header http.Header
	at     *url.URL // of the page, or where the application is reached
}

func newBrowser(t testing.TB) *browser {
	jar, err := cookiejar.New(nil)
	must(t, err)
	return &browser{t: t, client: &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// open follows redirects until a page, or an address of the application.
func (b *browser) open(address string) *browser {
	b.t.Helper()
	r, err := http.NewRequestWithContext(b.t.Context(), http.MethodGet, address, nil)
	must(b.t, err)
	return b.send(r)
}

func (b *browser) send(r *http.Request) *browser {
	b.t.Helper()
	for range 10 {
		res, err := b.client.Do(r)
		must(b.t, err)
		content, err := io.ReadAll(res.Body)
		must(b.t, err)
		must(b.t, res.Body.Close())
		b.page, b.status, b.header, b.at = string(content), res.StatusCode, res.Header, r.URL
		if res.StatusCode < 300 || res.StatusCode > 399 {
			return b
		}
		to, err := r.URL.Parse(res.Header.Get("Location"))
		must(b.t, err)
		if b.at = to; to.Host != r.URL.Host {
			return b
		}
		r, err = http.NewRequestWithContext(b.t.Context(), http.MethodGet, to.String(), nil)
		must(b.t, err)
	}
	b.t.Fatal("too many redirects")
	return nil
}

var (
	formPattern  = regexp.MustCompile(`(?s)<form method="post" action="([^"]*)"[^>]*>(.*?)</form>`)
	inputPattern = regexp.MustCompile(`<input[^>]*name="([^"]*)"[^>]*?(?:value="([^"]*)")?[^>]*>`)
	valuePattern = regexp.MustCompile(`value="([^"]*)"`)
)

// submit fills in the form of the page that goes to the path, and sends it.
func (b *browser) submit(path string, pairs ...string) *browser {
	b.t.Helper()
	for _, form := range formPattern.FindAllStringSubmatch(b.page, -1) {
		action := html.UnescapeString(form[1])
		if p, _, _ := strings.Cut(action, "?"); p != path {
			continue
		}
		values := url.Values{}
		for _, input := range inputPattern.FindAllStringSubmatch(form[2], -1) {
			if box := strings.Contains(input[0], `type="checkbox"`) || strings.Contains(input[0], `type="radio"`); box && !strings.Contains(input[0], " checked") {
				continue
			}
			if v := valuePattern.FindStringSubmatch(input[0]); v != nil {
				values.Set(html.UnescapeString(input[1]), html.UnescapeString(v[1]))
			}
		}
		for i := 0; i < len(pairs); i += 2 {
			values.Set(pairs[i], pairs[i+1])
		}
		to, err := b.at.Parse(action)
		must(b.t, err)
		return b.post(to.String(), values)
	}
	b.t.Fatalf("no form for %s on the page:\n%s", path, b.page)
	return nil
}

func (b *browser) post(address string, values url.Values) *browser {
	b.t.Helper()
	r, err := http.NewRequestWithContext(b.t.Context(), http.MethodPost, address, strings.NewReader(values.Encode()))
	must(b.t, err)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", b.at.Scheme+"://"+b.at.Host)
	return b.send(r)
}

// signIn signs in with the password.
func (b *browser) signIn(email string) *browser {
	b.t.Helper()
	return b.submit("/login", "username", email, "password", password)
}

// shows checks that the page has all the texts.
func (b *browser) shows(texts ...string) *browser {
	b.t.Helper()
	for _, text := range texts {
		if !strings.Contains(html.UnescapeString(b.page), text) {
			b.t.Fatalf("the page at %s (status %d) does not show %q:\n%s", b.at, b.status, text, b.page)
		}
	}
	return b
}

// arrived returns the parameters with which the application was reached.
func (b *browser) arrived() url.Values {
	b.t.Helper()
	if b.at.Host != "app.example.com" {
		b.t.Fatalf("the application was not reached, but %s (status %d):\n%s", b.at, b.status, b.page)
	}
	if b.at.Fragment != "" {
		q, err := url.ParseQuery(b.at.EscapedFragment())
		must(b.t, err)
		return q
	}
	return b.at.Query()
}

// answer is what an endpoint for programs answered.
type answer struct {
	status int
	header http.Header
	body   map[string]any
	text   string
}

// post sends a form to an endpoint for programs; user and secret are Basic credentials unless both are empty.
func (s *site) post(t testing.TB, path, user, secret string, pairs ...string) answer {
	t.Helper()
	values := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		values.Add(pairs[i], pairs[i+1])
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+path, strings.NewReader(values.Encode()))
	must(t, err)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if user+secret != "" {
		r.SetBasicAuth(user, secret)
	}
	return ask(t, r)
}

func ask(t testing.TB, r *http.Request) answer {
	t.Helper()
	res, err := http.DefaultClient.Do(r)
	must(t, err)
	defer res.Body.Close()
	content, err := io.ReadAll(res.Body)
	must(t, err)
	a := answer{status: res.StatusCode, header: res.Header, text: string(content)}
	_ = json.Unmarshal(content, &a.body)
	return a
}

// is checks status and error of a refusal.
func (a answer) is(t testing.TB, status int, code string) {
	t.Helper()
	if a.status != status || a.body["error"] != code {
		t.Errorf("answered %d %s, want %d %s", a.status, a.text, status, code)
	}
}

// tokens exchanges a code.
func (s *site) tokens(t testing.TB, code string, more ...string) answer {
	t.Helper()
	return s.post(t, "/oauth2/token", "", "", append([]string{"grant_type", "authorization_code", "client_id", s.client, "code", code, "redirect_uri", callback}, more...)...)
}

func (a answer) token(t testing.TB, name string) string {
	t.Helper()
	text, _ := a.body[name].(string)
	if text == "" {
		t.Fatalf("no %s in %d %s", name, a.status, a.text)
	}
	return text
}

// userInfo asks for the attributes behind an access token.
func (s *site) userInfo(t testing.TB, access string) answer {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+"/oauth2/userInfo", nil)
	must(t, err)
	r.Header.Set("Authorization", "Bearer "+access)
	return ask(t, r)
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func ptr[T any](v T) *T { return &v }

func sorted(m map[string]any) []string {
	var names []string
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// forged changes a text that ends in a secret. The character is none of the last, of which base64url may ignore bits, and never stays itself.
func forged(text string) string {
	b := []byte(text)
	at := len(b) - 10
	b[at] = map[bool]byte{true: 'B', false: 'A'}[b[at] == 'A']
	return string(b)
}

// challengeOf returns the S256 code challenge of a verifier.
func challengeOf(verifier string) string {
	sum := sha256.Sum256([]byte(verifier))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}
