package oauth_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"github.com/cenote-id/cenote/internal/cenotetest"
	"github.com/cenote-id/cenote/test/sdk"
)

// buildProxy builds the oauth2-proxy that the module in proxy pins.
func buildProxy(t *testing.T) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "oauth2-proxy")
	fetch := exec.CommandContext(t.Context(), "go", "mod", "download")
	fetch.Dir = "proxy"
	if said, err := fetch.CombinedOutput(); err != nil {
		if os.Getenv(sdk.EnvRequireClients) == "1" {
			t.Fatalf("the modules of oauth2-proxy cannot be had: %v\n%s", err, said)
		}
		t.Skipf("the modules of oauth2-proxy cannot be had: %s", said)
	}
	build := exec.CommandContext(t.Context(), "go", "build", "-o", program, "github.com/oauth2-proxy/oauth2-proxy/v7")
	build.Dir, build.Env = "proxy", append(os.Environ(), "CGO_ENABLED=0")
	if said, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build oauth2-proxy: %v\n%s", err, said)
	}
	return program
}

// awaitPing waits until the proxy answers.
func awaitPing(t *testing.T, at string) {
	t.Helper()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, at+"/ping", nil)
		must(t, err)
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			continue
		}
		must(t, res.Body.Close())
		if res.StatusCode == http.StatusOK {
			return
		}
	}
	t.Fatal("oauth2-proxy does not answer")
}

// oauth2-proxy guards an application that knows nothing of sign-ins: it signs people in, passes on who they are, and signs them out.
func TestOAuth2ProxyGuardsAnApplication(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("builds a program of its own")
	}
	program := buildProxy(t)
	application := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write([]byte("hello " + r.Header.Get("X-Forwarded-Email")))
	}))
	t.Cleanup(application.Close)
	address := cenotetest.FreeAddress(t)
	guarded := "http://" + address
	s := newSite(t, "", func(_ *idp.CreateUserPoolInput, c *idp.CreateUserPoolClientInput) {
		c.GenerateSecret, c.CallbackURLs, c.LogoutURLs = true, []string{guarded + "/oauth2/callback"}, []string{guarded + "/signed-out"}
	})
	s.addUser(t, "ann@example.com")
	proxy := exec.CommandContext(t.Context(), program,
		"--provider=oidc", "--oidc-issuer-url="+s.URL+"/"+s.pool, "--client-id="+s.client, "--client-secret="+s.secret,
		"--redirect-url="+guarded+"/oauth2/callback", "--http-address="+address, "--upstream="+application.URL, "--scope=openid email",
		"--code-challenge-method=S256", "--email-domain=*", "--skip-provider-button", "--cookie-secure=false", "--cookie-refresh=1m",
		"--cookie-secret=0123456789abcdef0123456789abcdef", "--whitelist-domain="+strings.TrimPrefix(s.URL, "http://"),
	)
	proxy.Stdout, proxy.Stderr = t.Output(), t.Output()
	must(t, proxy.Start())
	t.Cleanup(func() {
		_ = proxy.Process.Kill() // fails only when it has ended
		_ = proxy.Wait()
	})
	awaitPing(t, guarded)

	b := newBrowser(t).open(guarded + "/orders?page=2")
	b.open(b.at.String()).signIn("ann@example.com") // the redirect leaves the proxy's host
	if b.open(b.at.String()); b.page != "hello ann@example.com" || b.at.String() != guarded+"/orders?page=2" {
		t.Fatalf("after signing in %s shows %s", b.at, b.page)
	}
	b.open(guarded + "/oauth2/sign_out?rd=" + strings.ReplaceAll(s.URL+"/logout?client_id="+s.client+"&logout_uri="+guarded+"/signed-out", "&", "%26"))
	if b.open(b.at.String()); b.at.String() != guarded+"/signed-out" {
		t.Errorf("after signing out the person is at %s", b.at)
	}
	b.open(guarded + "/orders")
	b.open(b.at.String()).shows("Sign in", "Password")
}
