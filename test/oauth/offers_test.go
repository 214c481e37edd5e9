package oauth_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
)

// addSAML adds a SAML provider with the identifiers.
func (s *site) addSAML(t testing.TB, name string, identifiers ...string) {
	t.Helper()
	_, err := s.SDK().CreateIdentityProvider(t.Context(), &idp.CreateIdentityProviderInput{
		UserPoolId: &s.pool, ProviderName: &name, ProviderType: "SAML", IdpIdentifiers: identifiers,
		ProviderDetails: map[string]string{"MetadataURL": s.URL + "/_cenote/idp/saml/metadata"},
	})
	must(t, err)
}

// offers sets the identity providers of the client, whose application has the callback address.
func (s *site) offers(t testing.TB, callback string, providers ...string) {
	t.Helper()
	_, err := s.SDK().UpdateUserPoolClient(t.Context(), &idp.UpdateUserPoolClientInput{
		UserPoolId: &s.pool, ClientId: &s.client, AllowedOAuthFlowsUserPoolClient: true, AllowedOAuthFlows: []types.OAuthFlowType{"code"},
		AllowedOAuthScopes: []string{"openid", "email"}, CallbackURLs: []string{callback}, SupportedIdentityProviders: providers,
	})
	must(t, err)
}

func TestAnAddressLeadsToTheProviderOfItsDomain(t *testing.T) {
	databases(t, func(t *testing.T, database string) {
		s := newSite(t, database, nil)
		s.addSAML(t, "Corp", "corp.example.com", "Corp.example.org")
		s.addSAML(t, "Other", "other.example.com")
		s.offers(t, callback, "Corp", "Other", "COGNITO")
		b := newBrowser(t)
		for address, provider := range map[string]string{
			"ann@corp.example.com": "Corp", "Ann@CORP.example.org": "Corp", "other.example.com": "Other", " bob@x@other.example.com ": "Other",
		} {
			b.open(s.authorize()).shows("Work e-mail address", "Sign in")
			if strings.Contains(b.page, "Continue with") {
				t.Errorf("the page names its providers:\n%s", b.page)
			}
			b.submitEmail(address)
			if b.at.Path != "/_cenote/idp/saml/sso" {
				t.Fatalf("%q led to %s", address, b.at)
			}
			claims := payload(t, s.tokens(t, b.choose("ann", "").arrived().Get("code")).token(t, "id_token"))
			if got, want := claims["cognito:username"], strings.ToLower(provider)+"_ann"; got != want && got != provider+"_ann" {
				t.Errorf("%q signed in %v, want %s", address, got, want)
			}
			b = newBrowser(t)
		}
		for _, address := range []string{"ann@example.com", "@", "", "ann@corp.example.com.", "Corp"} {
			b.open(s.authorize()).submitEmail(address)
			if b.status != http.StatusBadRequest || !strings.Contains(b.page, "Login option is not available") {
				t.Errorf("%q: %d at %s", address, b.status, b.at)
			}
		}
	})
}

// submitEmail sends the form of the page that asks for an e-mail address.
func (b *browser) submitEmail(address string) *browser {
	b.t.Helper()
	if !strings.Contains(b.page, `id="email"`) {
		b.t.Fatalf("the page asks for no address:\n%s", b.page)
	}
	b.page = b.page[strings.LastIndex(b.page[:strings.Index(b.page, `id="email"`)], "<form"):]
	return b.submit("/login", "email", address)
}

func TestWhatTheSignInPageOffers(t *testing.T) {
	t.Parallel()
	s := newSite(t, "", nil)
	s.addSAML(t, "Corp", "corp.example.com")
	s.addSAML(t, "Other", "other.example.com")
	s.addSAML(t, "Nameless")
	s.addSAML(t, "Gone")
	b := newBrowser(t)
	for name, test := range map[string]struct {
		providers []string
		buttons   []string
		email     bool
	}{
		"one SAML provider has a button":                      {[]string{"Corp", "COGNITO"}, []string{"Corp"}, false},
		"several with identifiers are found by an address":    {[]string{"Corp", "Other"}, nil, true},
		"one without identifiers gives all of them buttons":   {[]string{"Corp", "Other", "Nameless"}, []string{"Corp", "Other", "Nameless"}, false},
		"one that was deleted has none, and counts for none":  {[]string{"Gone", "Corp", "Other"}, nil, true},
		"the last one of several keeps its button of its own": {[]string{"Gone", "Corp"}, []string{"Corp"}, false},
	} {
		s.offers(t, callback, test.providers...)
		if slices.Contains(test.providers, "Gone") {
			_, err := s.SDK().DeleteIdentityProvider(t.Context(), &idp.DeleteIdentityProviderInput{UserPoolId: &s.pool, ProviderName: ptr("Gone")})
			must(t, err)
		}
		b.open(s.authorize())
		if got := strings.Count(b.page, "Continue with "); got != len(test.buttons) {
			t.Errorf("%s: %d buttons:\n%s", name, got, b.page)
		}
		for _, button := range test.buttons {
			b.shows("Continue with " + button)
		}
		if got := strings.Contains(b.page, `name="email"`); got != test.email {
			t.Errorf("%s: asks for an address: %v", name, got)
		}
		if slices.Contains(test.providers, "Gone") {
			s.addSAML(t, "Gone")
		}
	}

	// A change of a provider is seen within a minute.
	s.offers(t, "myapp://callback", "Corp", "Other", "COGNITO")
	b.open(s.authorize("redirect_uri", "myapp://callback")).shows(`name="email"`)
	if policy := b.header.Get("Content-Security-Policy"); !strings.Contains(policy, "form-action 'self' myapp: https:") {
		t.Errorf("the form leads nowhere by %q", policy)
	}
	_, err := s.SDK().UpdateIdentityProvider(t.Context(), &idp.UpdateIdentityProviderInput{UserPoolId: &s.pool, ProviderName: ptr("Other"), IdpIdentifiers: []string{}})
	must(t, err)
	s.Advance(t, time.Minute)
	b.open(s.authorize("redirect_uri", "myapp://callback")).shows("Continue with Corp", "Continue with Other")
}

func TestAClientThatOffersNoSignInSaysSo(t *testing.T) {
	databases(t, func(t *testing.T, database string) {
		s := newSite(t, database, nil)
		s.addSAML(t, "Corp")
		s.addSAML(t, "Other")
		s.offers(t, callback, "Corp", "Other")
		b := newBrowser(t).open(s.authorize()).shows("Continue with Corp")
		for _, name := range []string{"Corp", "Other"} {
			_, err := s.SDK().DeleteIdentityProvider(t.Context(), &idp.DeleteIdentityProviderInput{UserPoolId: &s.pool, ProviderName: &name})
			must(t, err)
		}
		s.Advance(t, time.Minute)
		b.refusesToSignIn(s.authorize())
		s.offers(t, callback)
		b.refusesToSignIn(s.authorize())
	})
}

// refusesToSignIn opens an address whose client has no way to sign in.
func (b *browser) refusesToSignIn(address string) {
	b.t.Helper()
	b.open(address)
	if b.status != http.StatusUnauthorized || !strings.Contains(b.page, "Login option is not available. Please try another one") || strings.Contains(b.page, "<form") {
		b.t.Errorf("%d:\n%s", b.status, b.page)
	}
}
