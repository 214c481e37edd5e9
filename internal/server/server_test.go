package server_test

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"github.com/cenote-id/cenote/internal/cenotetest"
	"github.com/cenote-id/cenote/internal/server"
)

func TestHealthAndMetricsAreOnTheMainAddress(t *testing.T) {
	t.Parallel()
	srv := cenotetest.Start(t, cenotetest.Options{})
	for _, path := range []string{"/healthz", "/readyz"} {
		if status, body := cenotetest.Get(t, http.DefaultClient, srv.URL+path); status != http.StatusOK || body != "ok\n" {
			t.Errorf("%s answers %d %q", path, status, body)
		}
	}
	_, err := srv.SDK().DescribeUserPool(t.Context(), &idp.DescribeUserPoolInput{UserPoolId: &srv.PoolID})
	must(t, err)
	_, metrics := cenotetest.Get(t, http.DefaultClient, srv.URL+"/metrics")
	for _, line := range []string{
		`cenote_requests_total{code="OK",operation="DescribeUserPool"} 1`,
		`cenote_request_duration_seconds_count{operation="DescribeUserPool"} 1`,
		`cenote_signer{implementation="`, `cenote_store_connections `, `cenote_store_updates_total `, `go_goroutines `,
	} {
		if !strings.Contains(metrics, line) {
			t.Errorf("the metrics lack %s", line)
		}
	}
}

func TestMetricsHaveAnAddressOfTheirOwnWhereOneIsSet(t *testing.T) {
	t.Parallel()
	second := cenotetest.FreeAddress(t)
	srv := cenotetest.Start(t, cenotetest.Options{Serve: true, Settings: map[string]string{"metrics-listen": second}})
	for _, path := range []string{"/healthz", "/readyz", "/metrics"} {
		if status, _ := cenotetest.Get(t, http.DefaultClient, "http://"+second+path); status != http.StatusOK {
			t.Errorf("%s answers %d on the second address", path, status)
		}
	}
	if status, _ := cenotetest.Get(t, http.DefaultClient, srv.URL+"/metrics"); status != http.StatusNotFound {
		t.Errorf("/metrics answers %d on the main address", status)
	}
	if status, _ := cenotetest.Get(t, http.DefaultClient, "http://"+second+"/us-east-1_x/.well-known/jwks.json"); status != http.StatusNotFound {
		t.Errorf("the second address serves documents: %d", status)
	}
}

func TestATargetReachesTheOperationsOnAnyPathAndAllElseGoesByPath(t *testing.T) {
	t.Parallel()
	srv := cenotetest.Start(t, cenotetest.Options{})
	const target, asked = "X-Amz-Target", "Access-Control-Request-Headers"
	jwks := "/" + srv.PoolID + "/.well-known/jwks.json"
	for _, tc := range []struct {
		method, path, header, value string
		status                      int
		exposes                     bool // the answer is the JSON door's
	}{
		{http.MethodPost, "/", target, "No.Such", 400, true},
		{http.MethodPost, "//", target, "No.Such", 400, true},
		{http.MethodPost, "/anything/", target, "No.Such", 400, true},
		{http.MethodPost, "/oauth2/token", target, "No.Such", 400, true},
		{http.MethodOptions, "/anything/", asked, "content-type,X-Amz-Target", 200, true},
		{http.MethodPost, "/", "", "", 400, true}, // an unknown operation
		{http.MethodOptions, "/", "", "", 200, true},
		{http.MethodPost, "/anything/", "", "", 404, false},
		{http.MethodPost, "/_cenote/inbox", "", "", 405, false},
		{http.MethodPost, "/_cenote/kms", target, "TrentService.Decrypt", 400, false}, // by the keys of functions
		{http.MethodPost, jwks, "", "", 405, false},
		{http.MethodOptions, jwks, asked, "x-app", 204, false},
	} {
		r, err := http.NewRequestWithContext(t.Context(), tc.method, srv.URL+tc.path, strings.NewReader("{}"))
		must(t, err)
		if tc.header != "" {
			r.Header.Set(tc.header, tc.value)
		}
		res, err := http.DefaultClient.Do(r)
		must(t, err)
		must(t, res.Body.Close())
		if exposes := res.Header.Get("X-Amzn-Requestid") != ""; res.StatusCode != tc.status || exposes != tc.exposes {
			t.Errorf("%s %s with %s %s answers %d (by the operations: %v), want %d (%v)", tc.method, tc.path, tc.header, tc.value, res.StatusCode, exposes, tc.status, tc.exposes)
		}
	}
}

func TestAnUnknownPathIsAPageForPeopleAndPlainForPrograms(t *testing.T) {
	t.Parallel()
	srv := cenotetest.Start(t, cenotetest.Options{})
	const browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
	for _, tc := range []struct {
		method, path, accept string
		status               int
		want                 string
	}{
		{http.MethodGet, "/nothing", browser, 404, "<title>Diese Seite gibt es nicht.</title>"},
		{http.MethodGet, "/" + srv.PoolID + "/nothing/here", browser, 404, "<title>Diese Seite gibt es nicht.</title>"},
		{http.MethodGet, "/nothing", "*/*", 404, "404 page not found\n"},
		{http.MethodGet, "/nothing", "application/json", 404, "404 page not found\n"},
		{http.MethodPost, "/nothing", browser, 404, "404 page not found\n"},
		{http.MethodGet, "/oauth2/token", browser, 405, "Method Not Allowed\n"},
	} {
		r, err := http.NewRequestWithContext(t.Context(), tc.method, srv.URL+tc.path, nil)
		must(t, err)
		r.Header.Set("Accept", tc.accept)
		r.Header.Set("Accept-Language", "de")
		res, err := http.DefaultClient.Do(r)
		must(t, err)
		body, err := io.ReadAll(res.Body)
		must(t, errors.Join(err, res.Body.Close()))
		if res.StatusCode != tc.status || !strings.Contains(string(body), tc.want) || strings.Contains(string(body), "<title>") != (tc.want[0] == '<') {
			t.Errorf("%s %s for %s answers %d\n%s", tc.method, tc.path, tc.accept, res.StatusCode, body)
		}
		if page := strings.HasPrefix(res.Header.Get("Content-Type"), "text/html"); page != (tc.want[0] == '<') {
			t.Errorf("%s %s for %s is %s", tc.method, tc.path, tc.accept, res.Header.Get("Content-Type"))
		}
	}
}

func TestAWrongSettingEndsTheStartWithOneLineThatNamesIt(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	t.Cleanup(func() { taken.Close() })
	file := filepath.Join(t.TempDir(), "file")
	must(t, os.WriteFile(file, nil, 0o600))
	dangling := filepath.Join(t.TempDir(), "link")
	must(t, os.Symlink("/no/volume", dangling))
	cert := filepath.Join(t.TempDir(), "cert.pem")
	cenotetest.WriteCertificate(t, cert, filepath.Join(t.TempDir(), "key.pem"), 1, time.Now().Add(time.Hour))
	for _, tc := range []struct {
		name  string
		dev   bool
		given []string
		want  string // what the line begins with
	}{
		{"a mail server of an unknown kind", false, []string{"CENOTE_SMTP_URL=imap://u:hush@mail", "mail-from=a@example.com"}, "CENOTE_SMTP_URL: must begin with smtp:// or smtps://"},
		{"a sender that is no address", false, []string{"smtp-url=smtp://u:hush@mail", "mail-from=nobody"}, "--mail-from: "},
		{"a gateway of an unknown kind", false, []string{"sms-url=sns:topic"}, "--sms-url: must begin with https:// or http://"},
		{"an address that is taken", false, []string{"listen=" + taken.Addr().String()}, "--listen: listen tcp " + taken.Addr().String()},
		{"a second address that is taken", false, []string{"metrics-listen=" + taken.Addr().String()}, "--metrics-listen: listen tcp "},
		{"a certificate that is not there", false, []string{"tls-cert=nowhere.pem", "tls-key=nowhere.key"}, "--tls-cert: stat nowhere.pem"},
		{"a key that is not there", false, []string{"tls-cert=" + cert, "tls-key=nowhere.key"}, "--tls-key: stat nowhere.key"},
		{"a key that is none", false, []string{"tls-cert=" + cert, "tls-key=" + file}, "--tls-key: tls: failed to find any PEM data in key input"},
		{"a data folder that is a file", false, []string{"data-dir=" + file}, "--data-dir: mkdir " + file + ": not a directory"},
		{"a data folder that is a link to nothing", false, []string{"data-dir=" + dangling}, "--data-dir: " + dangling + " is a link to /no/volume, which does not exist"},
		{"a database that cannot be", false, []string{"database=sqlite:" + file + "/cenote.db"}, "--database: "},
		{"a master key file that is a link to nothing", false, []string{"master-key-file=" + dangling}, "--master-key-file: " + dangling + " is a link to /no/volume, which does not exist"},
		{"a master key file that is something else", false, []string{"master-key-file=/dev/zero"}, "--master-key-file: /dev/zero is no file of keys: it has more than 65536 bytes"},
		{"a master key file without a key", false, []string{"master-key-file=" + file}, "--master-key-file: " + file + ": holds no key"},
		{"a development server for everybody", true, []string{"listen=0.0.0.0:0"}, "--listen: a development server accepts anybody, so it listens on 127.0.0.1, [::1] or localhost only; --expose "},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			c := cenotetest.Settings(t, tc.given...)
			_, err := server.New(t.Context(), server.Options{Config: c, Log: slog.New(slog.DiscardHandler), Dev: tc.dev})
			if err == nil {
				t.Fatal("the server starts")
			}
			if _, err := os.Stat(filepath.Join(c.DataDir, "cenote.db")); err == nil {
				t.Error("a database was made")
			}
			if got := err.Error(); !strings.HasPrefix(got, tc.want) || strings.Contains(got, "\n") || strings.Contains(got, "hush") {
				t.Errorf("got %q, want one line that begins with %q", got, tc.want)
			}
		})
	}
}

func TestADevelopmentServerHasAPoolThatStays(t *testing.T) {
	t.Parallel()
	srv := cenotetest.Start(t, cenotetest.Options{})
	poolID, clientID := srv.PoolID, srv.ClientID
	out, err := srv.SDK().DescribeUserPoolClient(t.Context(), &idp.DescribeUserPoolClientInput{UserPoolId: &poolID, ClientId: &clientID})
	must(t, err)
	if c := out.UserPoolClient; c.ClientSecret != nil || c.PreventUserExistenceErrors != "ENABLED" {
		t.Errorf("the client is %+v", c)
	}
	if got := fmt.Sprint(out.UserPoolClient.ExplicitAuthFlows); !strings.Contains(got, "ALLOW_USER_SRP_AUTH") || !strings.Contains(got, "ALLOW_USER_PASSWORD_AUTH") {
		t.Errorf("the client allows %s", got)
	}
	name, password := "ann@example.com", "Corr3ct-horse!"
	_, err = srv.SDK().SignUp(t.Context(), &idp.SignUpInput{ClientId: &clientID, Username: &name, Password: &password})
	must(t, err)
	code := srv.Code(t, name)
	_, err = srv.SDK().ConfirmSignUp(t.Context(), &idp.ConfirmSignUpInput{ClientId: &clientID, Username: &name, ConfirmationCode: &code})
	must(t, err)

	srv.Restart(t)
	if srv.PoolID != poolID || srv.ClientID != clientID {
		t.Errorf("after a restart pool and client are %s and %s, were %s and %s", srv.PoolID, srv.ClientID, poolID, clientID)
	}
	signedIn, err := srv.SDK().InitiateAuth(t.Context(), &idp.InitiateAuthInput{
		ClientId: &clientID, AuthFlow: "USER_PASSWORD_AUTH",
		AuthParameters: map[string]string{"USERNAME": name, "PASSWORD": password},
	})
	must(t, err)
	if signedIn.AuthenticationResult == nil {
		t.Errorf("sign-in answers %v", signedIn.ChallengeName)
	}

	_, err = srv.SDK().DeleteUserPool(t.Context(), &idp.DeleteUserPoolInput{UserPoolId: &poolID})
	must(t, err)
	srv.Restart(t)
	if srv.PoolID == poolID || srv.PoolID == "" {
		t.Errorf("after the pool was deleted, the ready pool is %q", srv.PoolID)
	}
}

func TestOnlyADevelopmentServerHasAnInboxAndAClock(t *testing.T) {
	t.Parallel()
	srv := cenotetest.Start(t, cenotetest.Options{Serve: true})
	if status, _ := cenotetest.Get(t, http.DefaultClient, srv.URL+"/_cenote/inbox"); status != http.StatusNotFound {
		t.Errorf("the inbox answers %d", status)
	}
	_, err := cenotetest.Dial(srv.URL, "any", "any").ListUserPools(t.Context(), &idp.ListUserPoolsInput{MaxResults: new(int32(1))})
	if got := cenotetest.CodeOf(t, err); got != "UnrecognizedClientException" {
		t.Errorf("foreign credentials are answered %q", got)
	}
}
