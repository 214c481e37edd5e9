package oauth_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
)

// sessionsOf counts the token sessions of a user that an administrator sees.
func (s *site) sessionsOf(t testing.TB, name string) int {
	t.Helper()
	tokens, _ := s.listed(t, name)
	return len(tokens)
}

// The second use of a code ends what the first gave, the session of a pool that keeps sessions among it.
func TestASessionEndsWithASecondUseOfItsCode(t *testing.T) {
	databases(t, func(t *testing.T, database string) {
		between := func() {}
		hook := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			var event map[string]any
			_ = json.NewDecoder(r.Body).Decode(&event)
			between()
			_ = json.NewEncoder(w).Encode(event)
		}))
		t.Cleanup(hook.Close)
		arn := "arn:aws:lambda:us-east-1:000000000000:function:hook"
		s := newSite(t, database, func(p *idp.CreateUserPoolInput, _ *idp.CreateUserPoolClientInput) {
			p.LambdaConfig = &types.LambdaConfigType{PreTokenGeneration: &arn}
		}, "trigger:hook", hook.URL)
		s.addUser(t, "ann@example.com")
		s.tracksSessions(t)
		b := newBrowser(t)
		code := b.open(s.authorize()).signIn("ann@example.com").arrived().Get("code")
		s.tokens(t, code).token(t, "access_token")
		if n := s.sessionsOf(t, "ann@example.com"); n != 1 {
			t.Fatalf("after the first use of the code there are %d sessions", n)
		}
		s.tokens(t, code).is(t, 400, "invalid_grant")
		if n := s.sessionsOf(t, "ann@example.com"); n != 0 {
			t.Errorf("after the second use of the code there are %d sessions", n)
		}

		code = b.open(s.authorize()).arrived().Get("code")
		between = func() { // the first use is under way
			between = func() {}
			s.tokens(t, code).is(t, 400, "invalid_grant")
		}
		access := s.tokens(t, code).token(t, "access_token")
		if a := s.userInfo(t, access); a.status != 401 {
			t.Errorf("the tokens of a code that was used twice at once answer %d", a.status)
		}
		if n := s.sessionsOf(t, "ann@example.com"); n != 0 {
			t.Errorf("after two uses of a code at once there are %d sessions", n)
		}
	})
}

// The access tokens that a refresh token gave may live longer than itself.
func TestAnExpiredRefreshTokenIsRevoked(t *testing.T) {
	databases(t, func(t *testing.T, database string) {
		s := newSite(t, database, func(_ *idp.CreateUserPoolInput, c *idp.CreateUserPoolClientInput) {
			c.RefreshTokenValidity, c.TokenValidityUnits = 60, &types.TokenValidityUnitsType{RefreshToken: "minutes"}
		})
		s.addUser(t, "ann@example.com")
		b := newBrowser(t)
		for name, revoke := range map[string]func(string){
			"the endpoint": func(token string) {
				if a := s.post(t, "/oauth2/revoke", "", "", "client_id", s.client, "token", token); a.status != http.StatusOK {
					t.Errorf("the endpoint answers %d %s", a.status, a.text)
				}
			},
			"the operation": func(token string) {
				_, err := s.SDK().RevokeToken(t.Context(), &idp.RevokeTokenInput{ClientId: &s.client, Token: &token})
				must(t, err)
			},
		} {
			out := s.tokens(t, b.open(s.authorize("prompt", "login")).signIn("ann@example.com").arrived().Get("code"))
			s.Advance(t, 59*time.Minute)
			access := s.post(t, "/oauth2/token", "", "", "grant_type", "refresh_token", "client_id", s.client, "refresh_token", out.token(t, "refresh_token")).token(t, "access_token")
			s.Advance(t, 2*time.Minute)
			if a := s.userInfo(t, access); a.status != http.StatusOK {
				t.Fatalf("before the revocation the access token answers %d", a.status)
			}
			revoke(out.token(t, "refresh_token"))
			if a := s.userInfo(t, access); a.status != http.StatusUnauthorized {
				t.Errorf("%s: after the revocation the access token answers %d", name, a.status)
			}
		}
	})
}
