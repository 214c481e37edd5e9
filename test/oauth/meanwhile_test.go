package oauth_test

import (
	"net/http/httptest"
	"strings"
	"testing"

	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
)

// What an administrator does while a function looks at a sign-in holds for the browser, too.
func TestAUserGoesWhileASignInIsUnderWay(t *testing.T) {
	databases(t, func(t *testing.T, database string) {
		f := &functions{answers: map[string]func(map[string]any) (map[string]any, string){}}
		hook := httptest.NewServer(f)
		t.Cleanup(hook.Close)
		arn := "arn:aws:lambda:us-east-1:000000000000:function:hook"
		s := newOIDCSite(t, database, func(p *idp.CreateUserPoolInput) {
			p.LambdaConfig = &types.LambdaConfigType{PreAuthentication: &arn, PostAuthentication: &arn}
		}, "trigger:hook", hook.URL)
		acts := map[string]func(name *string) error{
			"signed out": func(name *string) error {
				_, err := s.SDK().AdminUserGlobalSignOut(t.Context(), &idp.AdminUserGlobalSignOutInput{UserPoolId: &s.pool, Username: name})
				return err
			},
			"disabled": func(name *string) error {
				_, err := s.SDK().AdminDisableUser(t.Context(), &idp.AdminDisableUserInput{UserPoolId: &s.pool, Username: name})
				return err
			},
			"deleted": func(name *string) error {
				_, err := s.SDK().AdminDeleteUser(t.Context(), &idp.AdminDeleteUserInput{UserPoolId: &s.pool, Username: name})
				return err
			},
		}
		for _, source := range []string{"PreAuthentication_Authentication", "PostAuthentication_Authentication"} {
			for what, act := range acts {
				for _, own := range []bool{true, false} {
					clear(f.answers)
					name := "corp_ann"
					if own {
						name = strings.ToLower(what[:3] + source[:4])
						s.addOwn(t, name)
					} else {
						s.enter(t, newBrowser(t), "ann", "").arrived() // the first time, without these functions
					}
					f.answers[source] = func(map[string]any) (map[string]any, string) {
						if err := act(&name); err != nil {
							t.Errorf("%s at %s: %v", what, source, err)
						}
						return nil, ""
					}
					b := newBrowser(t)
					if own {
						b.open(s.authorize("identity_provider", "COGNITO")).signIn(name)
					} else {
						s.enter(t, b, "ann", "")
					}
					if b.status >= 500 || b.at.Query().Has("code") || own == (b.at.Host == "app.example.com") {
						t.Errorf("%s was %s at %s: %d at %s", name, what, source, b.status, b.at)
					}
					if got := b.open(s.authorize("prompt", "none")).arrived(); got.Get("error") != "login_required" {
						t.Errorf("%s was %s at %s, and the browser is signed in", name, what, source)
					}
					if !own && what != "deleted" {
						_, err := s.SDK().AdminDeleteUser(t.Context(), &idp.AdminDeleteUserInput{UserPoolId: &s.pool, Username: &name})
						must(t, err)
					}
				}
			}
		}
	})
}
