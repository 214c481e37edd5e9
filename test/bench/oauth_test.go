package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"
)

const callback = "https://app.example.com/callback"

// application is a client whose users sign in by the pages, and a browser in which one has done so.
type application struct {
	*directory
	clientID string
	browser  *http.Client
}

func newApplication(b *testing.B) *application {
	b.Helper()
	d := newDirectory(b, 2)
	d.addUser(b, "ann")
	out := d.must(b)(d.Signed("CreateUserPoolClient", object{
		"UserPoolId": d.pool, "ClientName": "pages", "AllowedOAuthFlowsUserPoolClient": true, "AllowedOAuthFlows": []string{"code"},
		"AllowedOAuthScopes": []string{"openid"}, "CallbackURLs": []string{callback}, "SupportedIdentityProviders": []string{"COGNITO"},
	}))
	jar, err := cookiejar.New(nil)
	if err != nil {
		b.Fatal(err)
	}
	a := &application{directory: d, clientID: at(out, "UserPoolClient", "ClientId"), browser: &http.Client{
		Jar: jar, Transport: d.http.Transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	a.signIn(b)
	return a
}

// address returns the address of an authorization request at the path.
func (a *application) address(path string) string {
	return a.URL + path + "?" + url.Values{"client_id": {a.clientID}, "response_type": {"code"}, "redirect_uri": {callback}, "scope": {"openid"}}.Encode()
}

// send sends a request of the browser; form is nil for a GET. It returns where the answer leads, and its body.
func (a *application) send(address string, form url.Values) (location *url.URL, body string, err error) {
	method, content := http.MethodGet, ""
	if form != nil {
		method, content = http.MethodPost, form.Encode()
	}
	r, err := http.NewRequestWithContext(context.Background(), method, address, strings.NewReader(content))
	if err != nil {
		return nil, "", err
	}
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	res, err := a.browser.Do(r)
	if err != nil {
		return nil, "", err
	}
	defer res.Body.Close()
	said, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, "", err
	}
	location, _ = res.Location() // none on a page
	return location, string(said), nil
}

// signIn signs the user in by the sign-in page.
func (a *application) signIn(b *testing.B) {
	b.Helper()
	_, page, err := a.send(a.address("/login"), nil)
	if err != nil {
		b.Fatal(err)
	}
	token := regexp.MustCompile(`name="_csrf" value="([^"]*)"`).FindStringSubmatch(page)
	if token == nil {
		b.Fatalf("no form on the page:\n%s", page)
	}
	if to, page, err := a.send(a.address("/login"), url.Values{"_csrf": {token[1]}, "username": {"ann"}, "password": {password}}); err != nil || to == nil {
		b.Fatalf("not signed in: %v\n%s", err, page)
	}
}

// code authorizes with the session of the browser.
func (a *application) code() (string, error) {
	to, page, err := a.send(a.address("/oauth2/authorize"), nil)
	if err != nil {
		return "", err
	}
	if to == nil || to.Query().Get("code") == "" {
		return "", fmt.Errorf("no code: %v %s", to, page)
	}
	return to.Query().Get("code"), nil
}

// exchange exchanges a code for tokens.
func (a *application) exchange(code string) error {
	_, said, err := a.send(a.URL+"/oauth2/token", url.Values{
		"grant_type": {"authorization_code"}, "client_id": {a.clientID}, "code": {code}, "redirect_uri": {callback},
	})
	if err != nil {
		return err
	}
	var out object
	if err := json.Unmarshal([]byte(said), &out); err != nil || at(out, "id_token") == "" {
		return fmt.Errorf("no tokens: %s", said)
	}
	return nil
}

// BenchmarkAuthorize is a code for a browser that is signed in: it may take a millisecond and a half.
func BenchmarkAuthorize(b *testing.B) {
	a := newApplication(b)
	serverCPU(b, a.directory, 1, func(Floor) time.Duration { return 1500 * time.Microsecond }, func(int) error {
		_, err := a.code()
		return err
	})
}

// BenchmarkTokenEndpoint exchanges codes that were made before.
func BenchmarkTokenEndpoint(b *testing.B) {
	a := newApplication(b)
	codes := make(chan string, (rounds+1)*perRound)
	for range cap(codes) {
		code, err := a.code()
		if err != nil {
			b.Fatal(err)
		}
		codes <- code
	}
	serverCPU(b, a.directory, 1.25, func(f Floor) time.Duration { return 2 * f.RSA }, func(int) error {
		return a.exchange(<-codes)
	})
}
