package server_test

import (
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cenote-id/cenote/internal/cenotetest"
)

// open asks for a page as a browser does, without following where it leads.
func open(t *testing.T, client *http.Client, url string) *http.Response {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	must(t, err)
	r.Header.Set("Sec-Fetch-Mode", "navigate")
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	res, err := client.Do(r)
	must(t, err)
	must(t, res.Body.Close())
	return res
}

func TestADevelopmentServerAnswersHTTPSAtTheSameAddress(t *testing.T) {
	t.Parallel()
	srv := cenotetest.Start(t, cenotetest.Options{})
	address := strings.TrimPrefix(srv.URL, "http://")
	silent, err := net.Dial("tcp", address) // who says nothing keeps nobody waiting
	must(t, err)
	defer silent.Close()

	insecure := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
	if res := open(t, insecure, "https://"+address+"/healthz"); res.StatusCode != http.StatusOK {
		t.Errorf("HTTPS answers %s", res.Status)
	}
	if res := open(t, &http.Client{}, srv.URL+"/healthz"); res.StatusCode != http.StatusOK {
		t.Errorf("HTTP answers %s", res.Status)
	}

	// The certificate is for this machine and outlives a restart, so that it is trusted once.
	text, err := os.ReadFile(filepath.Join(srv.DataDir, "dev-cert.pem"))
	must(t, err)
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(text) {
		t.Fatalf("no certificate: %s", text)
	}
	srv.Restart(t)
	_, port, err := net.SplitHostPort(strings.TrimPrefix(srv.URL, "http://"))
	must(t, err)
	for _, host := range []string{"127.0.0.1", "localhost"} {
		trusting := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}}}
		if res := open(t, trusting, "https://"+net.JoinHostPort(host, port)+"/healthz"); res.TLS.PeerCertificates[0].NotAfter.Before(time.Now().Add(300 * 24 * time.Hour)) {
			t.Errorf("the certificate ends on %s", res.TLS.PeerCertificates[0].NotAfter)
		}
	}
}

func TestPagesOfAPoolWithPasskeysOfLocalhostAreAtLocalhost(t *testing.T) {
	t.Parallel()
	srv := cenotetest.Start(t, cenotetest.Options{})
	makeClient := func(party string) string {
		t.Helper()
		name, yes := "shop", "required"
		p, err := srv.SDK().CreateUserPool(t.Context(), &idp.CreateUserPoolInput{PoolName: &name})
		must(t, err)
		if party != "" {
			_, err = srv.SDK().SetUserPoolMfaConfig(t.Context(), &idp.SetUserPoolMfaConfigInput{
				UserPoolId: p.UserPool.Id, MfaConfiguration: "OFF",
				WebAuthnConfiguration: &types.WebAuthnConfigurationType{RelyingPartyId: &party, UserVerification: types.UserVerificationType(yes)},
			})
			must(t, err)
		}
		c, err := srv.SDK().CreateUserPoolClient(t.Context(), &idp.CreateUserPoolClientInput{
			UserPoolId: p.UserPool.Id, ClientName: &name, AllowedOAuthFlowsUserPoolClient: true, AllowedOAuthFlows: []types.OAuthFlowType{"code"},
			AllowedOAuthScopes: []string{"openid"}, SupportedIdentityProviders: []string{"COGNITO"},
			CallbackURLs: []string{"http://localhost:3000/"}, LogoutURLs: []string{"http://localhost:3000/"},
		})
		must(t, err)
		return *c.UserPoolClient.ClientId
	}
	address := strings.TrimPrefix(srv.URL, "http://")
	named := strings.Replace(address, "127.0.0.1", "localhost", 1)
	insecure := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
	withPasskeys := makeClient("localhost")
	for _, path := range []string{"/oauth2/authorize", "/login", "/signup", "/passkeys/add", "/logout"} {
		query := "?client_id=" + withPasskeys + "&response_type=code&redirect_uri=http%3A%2F%2Flocalhost%3A3000%2F&state=a%20b"
		for _, scheme := range []string{"http://", "https://"} {
			res := open(t, insecure, scheme+address+path+query)
			if got, want := res.Header.Get("Location"), scheme+named+path+query; res.StatusCode != http.StatusFound || got != want {
				t.Errorf("%s: %s, to %q; want %q", path, res.Status, got, want)
			}
			if res := open(t, insecure, scheme+named+path+query); strings.Contains(res.Header.Get("Location"), "127.0.0.1") {
				t.Errorf("%s at localhost leads to %s", path, res.Header.Get("Location"))
			}
		}
	}
	res, err := http.Get(srv.URL + "/login?client_id=" + withPasskeys + "&response_type=code&redirect_uri=http%3A%2F%2Flocalhost%3A3000%2F")
	must(t, err)
	must(t, res.Body.Close())
	if res.StatusCode != http.StatusOK || res.Request.URL.Host != address {
		t.Errorf("a program is sent to %s: %s", res.Request.URL, res.Status)
	}
	for _, client := range []string{makeClient(""), makeClient("example.com"), "unknown"} {
		if res := open(t, insecure, srv.URL+"/login?client_id="+client+"&response_type=code&redirect_uri=http%3A%2F%2Flocalhost%3A3000%2F"); res.StatusCode == http.StatusFound {
			t.Errorf("client %s is sent to %s", client, res.Header.Get("Location"))
		}
	}
}
