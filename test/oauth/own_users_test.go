package oauth_test

import (
	"net/http"
	"strings"
	"testing"

	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
)

// Where SupportedIdentityProviders lacks COGNITO, nobody gets an account of the pool on the pages, nor signs in to one, nor gets a password for one.
func TestAClientOfProvidersOnlyHasNoPagesForThePoolsOwnUsers(t *testing.T) {
	databases(t, func(t *testing.T, database string) {
		s := newSite(t, database, nil, "account-pages", "true")
		s.addUser(t, "ann@example.com")
		s.addSAML(t, "Corp")
		forms := map[string]*browser{ // of the time when the client had users of the pool
			"/signup":                newBrowser(t).open(s.page("/signup")),
			"/forgotPassword":        newBrowser(t).open(s.page("/forgotPassword")),
			"/confirm":               newBrowser(t).open(s.page("/signup")).submit("/signup", "username", "new@example.com", "password", password),
			"/confirmForgotPassword": newBrowser(t).open(s.page("/forgotPassword")).submit("/forgotPassword", "username", "ann@example.com"),
			"/login":                 newBrowser(t).open(s.authorize()),
		}
		forms["/resendcode"] = forms["/confirm"]
		signedIn := newBrowser(t).open(s.authorize()).signIn("ann@example.com")
		signedIn.open(s.account("")).shows("Your account")
		s.offers(t, callback, "Corp")
		for path, b := range forms {
			code, page, at := s.Code(t, "new@example.com"), b.page, b.at
			b.submit(path, "username", "eve@example.com", "password", "An0ther-horse!", "code", code).shows("Please choose one of the providers.", "Continue with Corp")
			if b.status != http.StatusBadRequest || strings.Contains(b.page, `name="username"`) || strings.Contains(b.page, "Create an account") {
				t.Errorf("%s is answered %d:\n%s", path, b.status, b.page)
			}
			b.page, b.at = page, at
		}
		for _, path := range []string{"/signup", "/forgotPassword"} {
			newBrowser(t).open(s.page(path)).shows("Please choose one of the providers.", "Continue with Corp")
		}
		for _, page := range []string{"", "/activity", "/delete"} {
			if signedIn.open(s.account(page)); strings.Contains(signedIn.page, "Signed in as") || !strings.Contains(signedIn.page, "Continue with Corp") {
				t.Errorf("the account page %q lets in whom the client does not:\n%s", page, signedIn.page)
			}
		}
		for name, want := range map[string]string{"eve@example.com": "", "new@example.com": "UNCONFIRMED"} {
			u, err := s.SDK().AdminGetUser(t.Context(), &idp.AdminGetUserInput{UserPoolId: &s.pool, Username: &name})
			if want == "" && err == nil || want != "" && (err != nil || string(u.UserStatus) != want) {
				t.Errorf("%s: %v, %v, want %q", name, u, err, want)
			}
		}
		s.offers(t, callback, "Corp", "COGNITO")
		s.signsIn(t) // by the password that was there
	})
}

func TestAClientWithoutAnyWayInRefusesItsOtherPagesToo(t *testing.T) {
	t.Parallel()
	s := newSite(t, "", nil)
	s.offers(t, callback)
	for _, path := range []string{"/signup", "/forgotPassword"} {
		newBrowser(t).refusesToSignIn(s.page(path))
	}
}

func TestABlockedAddressMayStillSignInByAProvider(t *testing.T) {
	databases(t, func(t *testing.T, database string) {
		s := newOIDCSite(t, database, func(p *idp.CreateUserPoolInput) {
			p.UserPoolTier, p.UserPoolAddOns = "PLUS", &types.UserPoolAddOnsType{AdvancedSecurityMode: "ENFORCED"}
		})
		s.addUser(t, "ann@example.com")
		_, err := s.SDK().SetRiskConfiguration(t.Context(), &idp.SetRiskConfigurationInput{
			UserPoolId: &s.pool, RiskExceptionConfiguration: &types.RiskExceptionConfigurationType{BlockedIPRangeList: []string{"127.0.0.0/8"}},
		})
		must(t, err)
		const refusal = "Unable to login because of security reasons."
		newBrowser(t).open(s.authorize("identity_provider", "COGNITO")).signIn("ann@example.com").shows(refusal)
		newBrowser(t).open(s.page("/signup")).submit("/signup", "username", "new@example.com", "password", password).shows(refusal)
		for range 2 { // made, and signed in again
			newBrowser(t).open(s.authorize("identity_provider", "Corp")).choose("ann", "").arrived()
		}
	})
}
