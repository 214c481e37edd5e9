package pool

import (
	"testing"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/wire"
)

func TestOAuthSettings(t *testing.T) {
	t.Parallel()
	p := newPool(t, wire.CreateUserPoolInput{})
	app := []string{"https://example.com/app"}
	tests := map[string]struct {
		in      wire.CreateUserPoolClientInput
		code    fault.Code // none: accepted
		message string
	}{
		"a code flow": {in: wire.CreateUserPoolClientInput{
			AllowedOAuthFlowsUserPoolClient: wire.Ptr(true),
			AllowedOAuthFlows:               []string{"code", "implicit"},
			AllowedOAuthScopes:              []string{"openid", "phone", "email", "profile", "aws.cognito.signin.user.admin"}, CallbackURLs: app,
			LogoutURLs: app, DefaultRedirectURI: app[0], SupportedIdentityProviders: []string{"COGNITO"},
		}},
		"OAuth switched on without flows": {
			wire.CreateUserPoolClientInput{
				AllowedOAuthFlowsUserPoolClient: wire.Ptr(true),
				AllowedOAuthScopes:              []string{"openid"},
			},
			fault.InvalidParameter,
			"AllowedOAuthFlows and AllowedOAuthScopes are required if user pool client is allowed to use OAuth flows.",
		},
		"OAuth switched on without scopes": {
			wire.CreateUserPoolClientInput{
				AllowedOAuthFlowsUserPoolClient: wire.Ptr(true),
				AllowedOAuthFlows:               []string{"code"}, CallbackURLs: app,
			},
			fault.InvalidParameter,
			"AllowedOAuthFlows and AllowedOAuthScopes are required if user pool client is allowed to use OAuth flows.",
		},
		"machine credentials beside a code": {
			wire.CreateUserPoolClientInput{
				GenerateSecret: wire.Ptr(true), CallbackURLs: app,
				AllowedOAuthFlows: []string{"client_credentials", "code"},
			},
			fault.InvalidOAuthFlow,
			"client_credentials flow can not be selected along with code flow or implicit flow.",
		},
		"machine credentials without a secret": {
			wire.CreateUserPoolClientInput{AllowedOAuthFlows: []string{"client_credentials"}},
			fault.InvalidOAuthFlow, "client_credentials flow can not be selected if client does not have a client secret.",
		},
		"machine credentials with a scope about a user": {
			wire.CreateUserPoolClientInput{
				GenerateSecret: wire.Ptr(true), AllowedOAuthFlows: []string{"client_credentials"}, AllowedOAuthScopes: []string{"openid"},
			},
			fault.InvalidOAuthFlow, "openid is not supported with client_credentials flow",
		},
		"machine credentials with a secret": {in: wire.CreateUserPoolClientInput{
			GenerateSecret:    wire.Ptr(true),
			AllowedOAuthFlows: []string{"client_credentials"},
		}},
		"a code flow without a callback": {
			wire.CreateUserPoolClientInput{AllowedOAuthFlows: []string{"implicit"}, CallbackURLs: []string{}},
			fault.InvalidOAuthFlow, "CallbackUrls can not be empty when code flow or implicit flow is selected",
		},
		"a provider in the wrong case": {
			wire.CreateUserPoolClientInput{SupportedIdentityProviders: []string{"Cognito"}},
			fault.InvalidParameter, "The provider Cognito does not exist for User Pool " + p.ID + ".",
		},
		"a scope that nobody made": {wire.CreateUserPoolClientInput{AllowedOAuthScopes: []string{"no/such"}}, fault.ScopeDoesNotExist, ""},
		"a default that is no callback": {
			wire.CreateUserPoolClientInput{CallbackURLs: app, DefaultRedirectURI: "https://example.com/"},
			fault.InvalidParameter, "The default redirect URI https://example.com/ is not in the callback URIs list.",
		},
		"a sign-out address without encryption": {
			wire.CreateUserPoolClientInput{LogoutURLs: []string{"http://example.com/bye"}},
			fault.InvalidParameter, "http://example.com/bye cannot use the HTTP protocol.",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tt.in.ClientName = "app"
			_, err := NewClient(p, Offers{}, &tt.in, noon)
			if tt.code == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			refused(t, err, tt.code, tt.message)
		})
	}
}

func TestRedirectAddresses(t *testing.T) {
	t.Parallel()
	for address, good := range map[string]bool{
		"https://example.com":            true,
		"https://example.com:8443/a?b=c": true,
		"https://例え.jp/コールバック":           true,
		"http://localhost":               true,
		"http://localhost:3000/callback": true,
		"http://127.0.0.1:8080":          true,
		"http://[::1]:8080/":             true,
		"HTTP://LOCALHOST.example.com":   false,
		"myapp://example":                true,
		"myapp://":                       true,
		"com.example.app:/signed-in":     true,
		"my_app://signed-in":             true,
		"http://example.com":             false,
		"http://localhost.example.com":   false,
		"http://localhost@example.com":   false,
		"https://example.com/#part":      false,
		"myapp://example#part":           false,
		"https://":                       false,
		"https:///path":                  false,
		"example.com/callback":           false,
		"/callback":                      false,
		"//example.com":                  false,
		"javascript:alert(1)":            false,
		"JavaScript:alert(1)":            false,
		"data:text/html,x":               false,
		"1app://example":                 false,
	} {
		if flaw := RedirectFlaw(address); (flaw == "") != good {
			t.Errorf("%s: flaw %q, want good %v", address, flaw, good)
		}
	}
}

func FuzzRedirectFlaw(f *testing.F) {
	f.Add("https://example.com")
	f.Add("javascript:alert(1)")
	f.Fuzz(func(t *testing.T, address string) {
		if RedirectFlaw(address) == "" && !scheme.MatchString(address) {
			t.Errorf("%q is accepted without a scheme", address)
		}
	})
}
