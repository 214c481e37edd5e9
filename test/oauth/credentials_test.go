package oauth_test

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"testing"

	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
)

// authorized sends a form with Authorization headers of its own.
func (s *site) authorized(t testing.TB, path, body string, headers ...string) answer {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+path, strings.NewReader(body))
	must(t, err)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header["Authorization"] = headers
	return ask(t, r)
}

func basic(id, secret string) string {
	return base64.StdEncoding.EncodeToString([]byte(id + ":" + secret))
}

// A secret that the operator chose can have a plus. Most clients send it as it is, some form-encode it (RFC 6749, section 2.3.1).
func TestASecretWithAPlusByBasic(t *testing.T) {
	databases(t, func(t *testing.T, database string) {
		s := newSite(t, database, func(_ *idp.CreateUserPoolInput, c *idp.CreateUserPoolClientInput) { c.GenerateSecret = true })
		const secret = "an+operator+chose+this_one"
		_, err := s.SDK().AddUserPoolClientSecret(t.Context(), &idp.AddUserPoolClientSecretInput{UserPoolId: &s.pool, ClientId: &s.client, ClientSecret: ptr(secret)})
		must(t, err)
		const refresh = "grant_type=refresh_token&refresh_token=x"
		for name, credentials := range map[string]string{
			"as it is": basic(s.client, secret), "form-encoded": basic(s.client, url.QueryEscape(secret)), "all encoded": basic("%"+hexadecimal(s.client[0])+s.client[1:], url.QueryEscape(secret)),
		} {
			if a := s.authorized(t, "/oauth2/token", refresh, "Basic "+credentials); a.body["error"] != "invalid_grant" { // the client is known
				t.Errorf("%s: %d %s", name, a.status, a.text)
			}
			if a := s.authorized(t, "/oauth2/revoke", "token=x", "Basic "+credentials); a.status != http.StatusOK {
				t.Errorf("%s: revocation answers %d %s", name, a.status, a.text)
			}
		}
		for _, wrong := range []string{strings.ReplaceAll(secret, "+", " "), strings.ReplaceAll(secret, "+", "%20"), strings.ReplaceAll(secret, "+", "%2"), secret + "%00"} {
			s.authorized(t, "/oauth2/token", refresh, "Basic "+basic(s.client, wrong)).is(t, 400, "invalid_client")
		}
	})
}

func hexadecimal(b byte) string {
	const digits = "0123456789ABCDEF"
	return string([]byte{digits[b>>4], digits[b&15]})
}

// Of two Authorization headers, a proxy may have looked at the other one.
func TestAuthorizationIsGivenOnce(t *testing.T) {
	databases(t, func(t *testing.T, database string) {
		s := newSite(t, database, func(_ *idp.CreateUserPoolInput, c *idp.CreateUserPoolClientInput) { c.GenerateSecret = true })
		s.addUser(t, "ann@example.com")
		code := newBrowser(t).open(s.authorize()).signIn("ann@example.com").arrived().Get("code")
		access := s.post(t, "/oauth2/token", s.client, s.secret, "grant_type", "authorization_code", "code", code, "redirect_uri", callback).token(t, "access_token")
		const refresh = "grant_type=refresh_token&refresh_token=x"
		right, wrong := "Basic "+basic(s.client, s.secret), "Basic "+basic(s.client, "wrong")
		for _, headers := range [][]string{{right, wrong}, {wrong, right}, {right, right}} {
			s.authorized(t, "/oauth2/token", refresh, headers...).is(t, 400, "invalid_request")
			s.authorized(t, "/oauth2/revoke", "token=x", headers...).is(t, 400, "invalid_request")
		}
		for _, headers := range [][]string{{"Bearer " + access, "Bearer x"}, {"Bearer x", "Bearer " + access}, {"Bearer " + access, right}} {
			if a := s.authorized(t, "/oauth2/userInfo", "", headers...); a.status != 400 || a.header.Get("WWW-Authenticate") != `error="invalid_request", error_description="Bad OAuth2 request at UserInfo Endpoint"` {
				t.Errorf("userInfo answers %d %v", a.status, a.header)
			}
		}
		for _, one := range []string{"basic " + basic(s.client, s.secret), "BASIC   " + basic(s.client, s.secret)} { // RFC 9110, section 11.4: one or more blanks
			s.authorized(t, "/oauth2/token", refresh, one).is(t, 400, "invalid_grant")
		}
		for _, none := range []string{"Basic", "Basic ===", "Basic " + base64.StdEncoding.EncodeToString([]byte(s.client)), "Bearer " + access, "Negotiate " + basic(s.client, s.secret)} {
			s.authorized(t, "/oauth2/token", refresh, none).is(t, 400, "invalid_client")
			s.authorized(t, "/oauth2/revoke", "token=x", none).is(t, 401, "invalid_client")
		}
	})
}
