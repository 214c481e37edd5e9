package oauth_test

import (
	"net/http/httptest"
	"slices"
	"testing"

	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
)

func TestASuppressedScopeOpensNoOtherAttributes(t *testing.T) {
	databases(t, func(t *testing.T, database string) {
		var change map[string]any // of the access token, by the function
		respond := func(map[string]any) (map[string]any, string) {
			return map[string]any{"claimsAndScopeOverrideDetails": map[string]any{"accessTokenGeneration": change}}, ""
		}
		hook := httptest.NewServer(&functions{answers: map[string]func(map[string]any) (map[string]any, string){
			"TokenGeneration_HostedAuth": respond, "TokenGeneration_RefreshTokens": respond,
		}})
		t.Cleanup(hook.Close)
		s := newSite(t, database, func(p *idp.CreateUserPoolInput, _ *idp.CreateUserPoolClientInput) {
			p.LambdaConfig = &types.LambdaConfigType{PreTokenGenerationConfig: &types.PreTokenGenerationVersionConfigType{
				LambdaArn: ptr("arn:aws:lambda:us-east-1:000000000000:function:hook"), LambdaVersion: "V2_0",
			}}
		}, "trigger:hook", hook.URL)
		s.addUser(t, "ann@example.com")
		all := []string{"email", "email_verified", "name", "sub", "username"}
		for name, test := range map[string]struct {
			scope  string
			change map[string]any
			want   []string
		}{
			"openid alone opens everything":          {"openid", nil, all},
			"email and no more":                      {"openid email", nil, []string{"email", "email_verified", "sub", "username"}},
			"email suppressed":                       {"openid email", suppress("email"), []string{"sub", "username"}},
			"profile suppressed":                     {"openid profile", suppress("profile"), []string{"sub", "username"}},
			"one of two suppressed":                  {"openid profile email", suppress("profile"), []string{"email", "email_verified", "sub", "username"}},
			"another scope suppressed":               {"openid aws.cognito.signin.user.admin", suppress("aws.cognito.signin.user.admin"), all},
			"the scope claim replaced":               {"openid email", map[string]any{"claimsToAddOrOverride": map[string]any{"scope": "openid"}}, []string{"sub", "username"}},
			"a function cannot set the claim itself": {"openid", map[string]any{"claimsToAddOrOverride": map[string]any{"cenote:attributes_suppressed": "x"}}, all},
		} {
			change = test.change
			got := s.tokens(t, newBrowser(t).open(s.authorize("scope", test.scope)).signIn("ann@example.com").arrived().Get("code"))
			again := s.post(t, "/oauth2/token", "", "", "grant_type", "refresh_token", "client_id", s.client, "refresh_token", got.token(t, "refresh_token"))
			for _, a := range []answer{got, again} {
				if info := s.userInfo(t, a.token(t, "access_token")); info.status != 200 || !slices.Equal(sorted(info.body), test.want) {
					t.Errorf("%s: %d %v, want %v", name, info.status, sorted(info.body), test.want)
				}
			}
		}
	})
}

// suppress is what a function answers that suppresses a scope.
func suppress(scope string) map[string]any {
	return map[string]any{"scopesToSuppress": []string{scope}}
}
