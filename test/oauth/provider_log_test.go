package oauth_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cenote-id/cenote/internal/cenotetest"
	"github.com/cenote-id/cenote/internal/cli"
	"github.com/cenote-id/cenote/internal/standin"
)

// signIn is what became of a sign-in, as operators read it.
type signIn struct {
	Time                                                 time.Time
	Client, Outcome, Text, Cause, Request, Subject, User string
	Attributes                                           map[string]string
}

type providerLog struct {
	PoolID, Provider, Type string
	SignIns                []signIn
}

func TestOperatorsReadTheLastSignInsByAProvider(t *testing.T) {
	databases(t, func(t *testing.T, database string) {
		var provider *standin.Provider
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { provider.ServeHTTP(w, r) }))
		t.Cleanup(server.Close)
		provider = standin.New(server.URL, time.Now)
		s := &site{Server: cenotetest.Start(t, cenotetest.Options{Serve: true, Database: database, Settings: map[string]string{"allow-private-providers": "true"}})}
		p, err := s.SDK().CreateUserPool(t.Context(), &idp.CreateUserPoolInput{PoolName: ptr("shop")})
		must(t, err)
		s.pool = *p.UserPool.Id
		_, err = s.SDK().CreateIdentityProvider(t.Context(), &idp.CreateIdentityProviderInput{
			UserPoolId: &s.pool, ProviderName: ptr("Corp"), ProviderType: types.IdentityProviderTypeTypeOidc, AttributeMapping: mapping,
			ProviderDetails: map[string]string{
				"client_id": "cenote", "client_secret": "secret", "authorize_scopes": "openid", "attributes_request_method": "GET", "oidc_issuer": server.URL + "/_cenote/idp/oidc",
			},
		})
		must(t, err)
		c, err := s.SDK().CreateUserPoolClient(t.Context(), &idp.CreateUserPoolClientInput{
			UserPoolId: &s.pool, ClientName: ptr("app"), AllowedOAuthFlowsUserPoolClient: true, AllowedOAuthFlows: []types.OAuthFlowType{"code"},
			AllowedOAuthScopes: []string{"openid", "email"}, CallbackURLs: []string{callback}, SupportedIdentityProviders: []string{"Corp"},
		})
		must(t, err)
		s.client = *c.UserPoolClient.ClientId
		enter := func(fault standin.Fault) {
			t.Helper()
			b := newBrowser(t).open(s.authorize())
			b.open(b.at.String() + "&person=ann&fault=" + string(fault))
			b.open(b.at.String()).arrived()
		}
		enter("")
		enter(standin.OtherNonce)
		enter(standin.Denied)

		run := func(args ...string) (stdout, stderr string, code int) {
			args = append([]string{"provider-log"}, args...)
			args = append(args, "--data-dir", s.DataDir)
			if database != "" {
				args = append(args, "--database", database)
			}
			var out, said bytes.Buffer
			code = cli.Run(t.Context(), args, cli.System{Out: &out, Err: &said})
			return out.String(), said.String(), code
		}
		text, said, code := run("--pool", s.pool)
		if code != 0 || !strings.Contains(text, "Corp (OIDC)") || !strings.Contains(text, "invalid_request") || !strings.Contains(text, "the nonce is not that of the") {
			t.Errorf("exit %d: %s%s", code, text, said)
		}
		document, said, code := run("--pool", s.pool, "--provider", "Corp", "--json")
		var logs []providerLog
		if err := json.Unmarshal([]byte(document), &logs); err != nil || code != 0 || len(logs) != 1 || len(logs[0].SignIns) != 3 {
			t.Fatalf("exit %d, %v: %s%s", code, err, document, said)
		}
		denied, nonce, ok := logs[0].SignIns[0], logs[0].SignIns[1], logs[0].SignIns[2]
		if denied.Outcome != "access_denied" || denied.Text != "The user said no" || nonce.Outcome != "invalid_request" || nonce.Text != "Invalid id_token" ||
			nonce.Request == "" || ok.Outcome != "OK" || ok.User == "" || ok.Client != s.client || ok.Subject != "a***" || ok.Attributes["email"] != "a***@e***" ||
			ok.Attributes["email_verified"] != "true" || ok.Attributes["name"] != "A***" {
			t.Errorf("the log is %s", document)
		}
		for _, secret := range []string{"ann@example.com", "Ann Example", "eyJ"} {
			if strings.Contains(text+document, secret) {
				t.Errorf("the log tells %q", secret)
			}
		}
		for _, args := range [][]string{{}, {"--pool", "us-east-1_none"}, {"--pool", s.pool, "--provider", "Other"}} {
			if out, _, code := run(args...); code == 0 || out != "" {
				t.Errorf("%v: exit %d %s", args, code, out)
			}
		}
	})
}

func TestADevelopmentServerShowsTheLastSignIns(t *testing.T) {
	t.Parallel()
	s := newSAMLSite(t, "", true)
	s.claims(t, "ann")
	s.enter(t, newBrowser(t), "ann", string(standin.BadSignature)).arrived()
	get := func(accept string) answer {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+"/_cenote/providers", nil)
		must(t, err)
		r.Header.Set("Accept", accept)
		return ask(t, r)
	}
	var logs []providerLog
	must(t, json.Unmarshal([]byte(get("application/json").text), &logs))
	if len(logs) != 1 || logs[0].PoolID != s.pool || logs[0].Type != "SAML" || len(logs[0].SignIns) != 2 {
		t.Fatalf("logs %+v", logs)
	}
	if bad, ok := logs[0].SignIns[0], logs[0].SignIns[1]; !strings.Contains(bad.Text, "SAML Assertion signature is invalid.") || bad.Outcome != "server_error" || ok.Attributes["email"] != "ann@example.com" {
		t.Errorf("sign-ins %+v", logs[0].SignIns)
	}
	page := get("text/html")
	for _, text := range []string{"<h1>Providers</h1>", "Corp", "ann@example.com", "SAML Assertion signature is invalid.", "metadata fetched"} {
		if !strings.Contains(page.text, text) {
			t.Errorf("the page lacks %q:\n%s", text, page.text)
		}
	}
}
