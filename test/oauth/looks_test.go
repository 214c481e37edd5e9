package oauth_test

import (
	"bytes"
	"net/http"
	"regexp"
	"strings"
	"testing"

	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/document"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
)

var png = []byte("\x89PNG\r\n\x1a\nnot much of a picture")

// image loads an image of the page and checks that it is what the style has.
func (b *browser) image(pattern string, want []byte, mediaType string) {
	b.t.Helper()
	found := regexp.MustCompile(pattern).FindStringSubmatch(b.page)
	if found == nil {
		b.t.Fatalf("no %s on the page:\n%s", pattern, b.page)
	}
	address, err := b.at.Parse(found[1])
	must(b.t, err)
	other := &browser{t: b.t, client: b.client}
	other.open(address.String())
	if other.status != http.StatusOK || !bytes.Equal([]byte(other.page), want) || other.header.Get("Content-Type") != mediaType {
		b.t.Errorf("%s: %d, %s, %q", address, other.status, other.header.Get("Content-Type"), other.page)
	}
	if csp := other.header.Get("Content-Security-Policy"); csp != "default-src 'none'; sandbox" {
		b.t.Errorf("the image may do %q", csp)
	}
	if other.open(address.String() + "x"); other.status != http.StatusNotFound {
		b.t.Errorf("an image that is none: %d", other.status)
	}
}

func TestTheClassicLook(t *testing.T) {
	databases(t, func(t *testing.T, database string) {
		s := newSite(t, database, nil)
		_, err := s.SDK().CreateUserPoolDomain(t.Context(), &idp.CreateUserPoolDomainInput{UserPoolId: &s.pool, Domain: ptr("looks")})
		must(t, err)
		set := func(client, css string, image []byte) {
			_, err := s.SDK().SetUICustomization(t.Context(), &idp.SetUICustomizationInput{UserPoolId: &s.pool, ClientId: &client, CSS: &css, ImageFile: image})
			must(t, err)
		}
		b := newBrowser(t)
		set("ALL", "/* </style><script>alert(1)</script> */ .submitButton-customizable { background-color: #123456; }", png)
		b.open(s.authorize()).shows("background-color: #123456", `class="submitButton-customizable"`, "color-scheme:light}")
		b.image(`<img class="logo-customizable" src="([^"]*)"`, png, "image/png")
		if strings.Contains(b.page, "alert(1)") || strings.Contains(b.header.Get("Content-Security-Policy"), "unsafe") {
			t.Errorf("a comment of the style sheet reached the page, or the policy %q is weak:\n%s", b.header.Get("Content-Security-Policy"), b.page)
		}
		set(s.client, ".banner-customizable { background-color: #abcdef; }", nil)
		if b.open(s.authorize()).shows("#abcdef"); strings.Contains(b.page, "#123456") || strings.Contains(b.page, "<img") {
			t.Errorf("the client's look is mixed with that of all clients:\n%s", b.page)
		}
	})
}

func TestTheStyleOfManagedLogin(t *testing.T) {
	databases(t, func(t *testing.T, database string) {
		s := newSite(t, database, nil)
		svg := []byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`)
		made, err := s.SDK().CreateManagedLoginBranding(t.Context(), &idp.CreateManagedLoginBrandingInput{
			UserPoolId: &s.pool, ClientId: &s.client, Settings: document.NewLazyDocument(map[string]any{
				"categories": map[string]any{"global": map[string]any{"pageHeader": map[string]any{"enabled": true}}},
				"components": map[string]any{
					"primaryButton": map[string]any{"lightMode": map[string]any{"defaults": map[string]any{"backgroundColor": "12ab34ff"}}},
					"form":          map[string]any{"logo": map[string]any{"enabled": true}, "borderRadius": 3.5},
					"pageHeader":    map[string]any{"logo": map[string]any{"enabled": true}},
				},
			}),
			Assets: []types.AssetType{
				{Category: "FORM_LOGO", ColorMode: "LIGHT", Extension: "PNG", Bytes: png},
				{Category: "FORM_LOGO", ColorMode: "DARK", Extension: "SVG", Bytes: svg},
				{Category: "FAVICON_ICO", ColorMode: "DYNAMIC", Extension: "ICO", Bytes: []byte("ico")},
				{Category: "PAGE_HEADER_LOGO", ColorMode: "DYNAMIC", Extension: "WEBP", Bytes: []byte("webp")},
			},
		})
		must(t, err)
		b := newBrowser(t).open(s.authorize())
		b.shows("button{background-color:light-dark(#12ab34ff,#62c6e4ff)}", "main{border-radius:3.5px}", `<header class="bar header">`)
		b.image(`<img class="logo-customizable" src="([^"]*png)"`, png, "image/png")
		b.image(`<source srcset="([^"]*)" media="\(prefers-color-scheme: dark\)">`, svg, "image/svg+xml")
		b.image(`<link rel="icon" type="image/x-icon" href="([^"]*)">`, []byte("ico"), "image/x-icon")
		b.image(`src="([^"]*webp)"`, []byte("webp"), "image/webp")
		if csp := b.header.Get("Content-Security-Policy"); strings.Contains(csp, "unsafe") || len(b.page) > 20_000 {
			t.Errorf("the policy is %q, and the page has %d bytes", csp, len(b.page))
		}
		_, err = s.SDK().UpdateManagedLoginBranding(t.Context(), &idp.UpdateManagedLoginBrandingInput{
			UserPoolId: &s.pool, ManagedLoginBrandingId: made.ManagedLoginBranding.ManagedLoginBrandingId, UseCognitoProvidedValues: true,
		})
		must(t, err)
		if b.open(s.authorize()).shows("Sign in"); strings.Contains(b.page, "12ab34") || strings.Contains(b.page, "<img") {
			t.Errorf("the default style has parts of another:\n%s", b.page)
		}
	})
}

func TestAStyleMayOfferTheLanguages(t *testing.T) {
	t.Parallel()
	s := newSite(t, "", nil)
	_, err := s.SDK().CreateManagedLoginBranding(t.Context(), &idp.CreateManagedLoginBrandingInput{
		UserPoolId: &s.pool, ClientId: &s.client, Settings: document.NewLazyDocument(map[string]any{
			"categories": map[string]any{"form": map[string]any{"languageSelector": map[string]any{"enabled": true}}},
			"componentClasses": map[string]any{
				"optionControls":  map[string]any{"lightMode": map[string]any{"selected": map[string]any{"backgroundColor": "112233ff"}}},
				"statusIndicator": map[string]any{"lightMode": map[string]any{"success": map[string]any{"indicatorColor": "445566ff"}}},
			},
		}),
	})
	must(t, err)
	b := newBrowser(t).open(s.authorize("lang", "fr")).shows(
		`<form method="get" action="/login" class="tongues">`, `<input type="hidden" name="state" value="a b&c">`, `lang="fr" selected>`+"Fran\u00e7ais", "\u7e41\u9ad4\u4e2d\u6587",
		".choice input{accent-color:light-dark(#112233ff,", ".news{color:light-dark(#445566ff,",
	)
	if strings.Contains(b.page, `type="hidden" name="lang"`) {
		t.Error("the language that was shown goes along with the one that was chosen")
	}
	b.open(s.page("/signup", "lang", "de")).shows(`action="/signup" class="tongues"`, "Sprache \u00e4ndern")
	b.submit("/signup", "username", "ann@example.com", "password", password)
	if strings.Contains(b.page, "tongues\"") {
		t.Error("a step that another language would lose offers one")
	}
}

func TestAChangedLookShowsAtOnce(t *testing.T) {
	databases(t, func(t *testing.T, database string) {
		s := newSite(t, database, nil)
		_, err := s.SDK().CreateUserPoolDomain(t.Context(), &idp.CreateUserPoolDomainInput{UserPoolId: &s.pool, Domain: ptr("looks")})
		must(t, err)
		classic := func(client, color string) {
			_, err := s.SDK().SetUICustomization(t.Context(), &idp.SetUICustomizationInput{
				UserPoolId: &s.pool, ClientId: &client, CSS: ptr(".submitButton-customizable { background-color: #" + color + "; }"),
			})
			must(t, err)
		}
		style := func(color string) document.Interface {
			return document.NewLazyDocument(map[string]any{"components": map[string]any{"pageBackground": map[string]any{
				"lightMode": map[string]any{"color": color + "ff"}, "darkMode": map[string]any{"color": color + "ff"},
			}}})
		}
		b := newBrowser(t)
		shows := func(color string) {
			t.Helper()
			for range 2 { // made, and kept
				if b.open(s.authorize()); color == "" && strings.Contains(b.page, "color: #") || !strings.Contains(b.page, color) {
					t.Errorf("the page does not show %q:\n%s", color, b.page)
				}
			}
		}
		shows("")
		classic("ALL", "111111")
		shows("#111111")
		classic("ALL", "222222")
		shows("#222222")
		classic(s.client, "333333")
		shows("#333333")
		made, err := s.SDK().CreateManagedLoginBranding(t.Context(), &idp.CreateManagedLoginBrandingInput{UserPoolId: &s.pool, ClientId: &s.client, Settings: style("444444")})
		must(t, err)
		id := made.ManagedLoginBranding.ManagedLoginBrandingId
		shows("#444444ff")
		_, err = s.SDK().UpdateManagedLoginBranding(t.Context(), &idp.UpdateManagedLoginBrandingInput{UserPoolId: &s.pool, ManagedLoginBrandingId: id, Settings: style("555555")})
		must(t, err)
		shows("#555555ff")
		_, err = s.SDK().DeleteManagedLoginBranding(t.Context(), &idp.DeleteManagedLoginBrandingInput{UserPoolId: &s.pool, ManagedLoginBrandingId: id})
		must(t, err)
		shows("#333333")
	})
}

func TestTermsAreLinkedWhenBothExist(t *testing.T) {
	databases(t, func(t *testing.T, database string) {
		s := newSite(t, database, nil)
		signUp := strings.Replace(s.authorize(), "/oauth2/authorize", "/signup", 1)
		b := newBrowser(t)
		for name, links := range map[string]map[string]string{
			"terms-of-use":   {"cognito:default": "https://example.com/terms", "cognito:german": "https://example.com/de/terms"},
			"privacy-policy": {"cognito:default": "https://example.com/privacy"},
		} {
			if b.open(signUp).shows("Create an account"); strings.Contains(b.page, "legalText") {
				t.Errorf("terms are linked before both exist:\n%s", b.page)
			}
			_, err := s.SDK().CreateTerms(t.Context(), &idp.CreateTermsInput{
				UserPoolId: &s.pool, ClientId: &s.client, TermsName: &name, TermsSource: "LINK", Enforcement: "NONE", Links: links,
			})
			must(t, err)
		}
		b.open(signUp).shows(`href="https://example.com/terms"`, `href="https://example.com/privacy"`, "Privacy policy")
		b.open(signUp+"&lang=de").shows(`href="https://example.com/de/terms"`, `href="https://example.com/privacy"`, "Nutzungsbedingungen")
	})
}

func TestAPasskeyIsAddedBySignedInPeopleOnly(t *testing.T) {
	databases(t, func(t *testing.T, database string) {
		s := newSite(t, database, func(p *idp.CreateUserPoolInput, _ *idp.CreateUserPoolClientInput) {
			p.Policies = &types.UserPoolPolicyType{SignInPolicy: &types.SignInPolicyType{AllowedFirstAuthFactors: []types.AuthFactorType{"PASSWORD", "WEB_AUTHN"}}}
		})
		_, err := s.SDK().SetUserPoolMfaConfig(t.Context(), &idp.SetUserPoolMfaConfigInput{
			UserPoolId: &s.pool, WebAuthnConfiguration: &types.WebAuthnConfigurationType{RelyingPartyId: ptr("localhost")},
		})
		must(t, err)
		s.addUser(t, "ann@example.com")
		add := strings.Replace(s.URL, "127.0.0.1", "localhost", 1) + "/passkeys/add?client_id=" + s.client + "&redirect_uri=" + callback
		b := newBrowser(t).open(add).shows("Sign in").signIn("ann@example.com")
		b.arrived()
		b.open(add).shows("Add a passkey", "localhost")
		b.submit("/passkeys/add", "credential", "{").shows("Add a passkey")
		if b.status != http.StatusBadRequest {
			t.Errorf("a credential that is none is answered %d", b.status)
		}
		b.submit("/passkeys/add", "skip", "1").arrived()
		_, err = s.SDK().AdminUserGlobalSignOut(t.Context(), &idp.AdminUserGlobalSignOutInput{UserPoolId: &s.pool, Username: ptr("ann@example.com")})
		must(t, err)
		b.open(add).shows("Sign in")
		plain := newSite(t, "", nil)
		plain.addUser(t, "ann@example.com")
		b = newBrowser(t).open(plain.authorize()).signIn("ann@example.com")
		b.arrived()
		b.open(plain.URL + "/passkeys/add?client_id=" + plain.client + "&redirect_uri=" + callback).shows("WebAuthn is not enabled for the user pool.")
	})
}
