package oauth_test

import (
	"bytes"
	"compress/flate"
	"crypto/x509"
	"encoding/base64"
	"html"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/beevik/etree"
	dsig "github.com/russellhaering/goxmldsig"

	"github.com/cenote-id/cenote/internal/standin"
)

// logout returns the address of a request to sign out; pairs replace the usual parameters.
func (s *site) logout(pairs ...string) string {
	q := url.Values{"client_id": {s.client}, "logout_uri": {goodbye}}
	for i := 0; i < len(pairs); i += 2 {
		if q.Set(pairs[i], pairs[i+1]); pairs[i+1] == "" {
			q.Del(pairs[i])
		}
	}
	return s.URL + "/logout?" + q.Encode()
}

var anyInput = regexp.MustCompile(`<input[^>]*name="([^"]*)" value="([^"]*)"`)

// fields returns the hidden fields of the only form of the page.
func (b *browser) fields() url.Values {
	values := url.Values{}
	for _, input := range anyInput.FindAllStringSubmatch(b.page, -1) {
		values.Set(html.UnescapeString(input[1]), html.UnescapeString(input[2]))
	}
	return values
}

// signedOut answers the provider's page for signing out, with a fault or none, and returns the form that leads back, without sending it.
func (b *browser) signedOut(fault standin.Fault) url.Values {
	b.t.Helper()
	b.shows("saml, signing out")
	q := b.fields()
	q.Set("person", "ann")
	q.Set("fault", string(fault))
	return b.open(b.at.Scheme + "://" + b.at.Host + b.at.Path + "?" + q.Encode()).fields()
}

// sessions counts the people who are signed in at the SAML provider.
func (s *site) sessions(t testing.TB) int {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+"/_cenote/idp/saml/sessions", nil)
	must(t, err)
	return len(ask(t, r).body)
}

// unpacked returns the request in the address of the HTTP-Redirect binding.
func unpacked(t testing.TB, at *url.URL) *etree.Element {
	t.Helper()
	packed, err := base64.StdEncoding.DecodeString(at.Query().Get("SAMLRequest"))
	must(t, err)
	document, err := io.ReadAll(flate.NewReader(bytes.NewReader(packed)))
	must(t, err)
	doc := etree.NewDocument()
	must(t, doc.ReadFromBytes(document))
	return doc.Root()
}

// posted returns the request in the form of the HTTP-POST binding.
func posted(t testing.TB, form url.Values) *etree.Element {
	t.Helper()
	document, err := base64.StdEncoding.DecodeString(form.Get("SAMLRequest"))
	must(t, err)
	doc := etree.NewDocument()
	must(t, doc.ReadFromBytes(document))
	return doc.Root()
}

// signedInside verifies the signature in a request with the certificate of the pool, and returns what it covers.
func (s *site) signedInside(t testing.TB, request *etree.Element) *etree.Element {
	t.Helper()
	verify := dsig.NewDefaultValidationContext(&dsig.MemoryX509CertificateStore{Roots: []*x509.Certificate{s.certificate(t)}})
	covered, err := verify.Validate(request)
	must(t, err)
	if tag := request.ChildElements()[1].Tag; tag != "Signature" { // where the schema wants it
		t.Errorf("behind the issuer is %s", tag)
	}
	return covered
}

func (s *site) checkLogout(t testing.TB, request *etree.Element) {
	t.Helper()
	name, index := request.SelectElement("NameID"), request.SelectElement("SessionIndex")
	if request.Tag != "LogoutRequest" || request.SelectElement("Issuer").Text() != "urn:amazon:cognito:sp:"+s.pool || name.Text() != "ann" || index.Text() == "" ||
		request.SelectAttrValue("Destination", "") != s.URL+"/_cenote/idp/saml/slo" || request.SelectAttrValue("NotOnOrAfter", "") == "" {
		t.Errorf("the provider is asked with %s %s %s, %v", request.Tag, name.Text(), index.Text(), request.Attr)
	}
}

func TestSigningOutEndsTheSessionAtASAMLProvider(t *testing.T) {
	databases(t, func(t *testing.T, database string) {
		s := newSAMLSite(t, database, true, "IDPSignout", "true")
		b := newBrowser(t)
		s.enter(t, b, "ann", "").arrived()
		b.open(s.logout("logout_uri", "", "post_logout_redirect_uri", goodbye, "state", "s 1"))
		s.checkSigned(t, b.at)
		s.checkLogout(t, unpacked(t, b.at))
		if n := s.sessions(t); n != 1 {
			t.Errorf("%d sessions at the provider", n)
		}
		// The browser is signed out here before the provider answers, and whatever it answers.
		waiting := *b
		waiting.open(s.authorize()).shows("Corp")
		if got := b.post(s.URL+"/saml2/logout", b.signedOut("")).arrived(); b.at.Path != "/goodbye" || got.Get("state") != "s 1" {
			t.Errorf("the browser went to %s", b.at)
		}
		if n := s.sessions(t); n != 0 {
			t.Errorf("%d sessions at the provider", n)
		}
		b.open(s.logout()).arrived() // nobody is signed in any more
		// To the sign-in page instead of an address of the application; the provider could not reach all others.
		s.enter(t, b, "ann", "").arrived()
		b.open(s.logout("logout_uri", "", "redirect_uri", callback, "response_type", "code", "state", "x"))
		if b.post(s.URL+"/saml2/logout", b.signedOut(standin.Partial)).shows("Corp"); b.at.Path != "/login" || b.at.Query().Get("state") != "x" {
			t.Errorf("the browser went to %s", b.at)
		}
	})
}

func TestSigningOutByAFormOfAProvider(t *testing.T) {
	databases(t, func(t *testing.T, database string) {
		s := newSAMLSite(t, database, true, "IDPSignout", "true", "MetadataURL", "{server}/_cenote/idp/saml/metadata?slo=post")
		b := newBrowser(t)
		s.enter(t, b, "ann", "").arrived()
		b.open(s.logout()).shows("Signing out", "Corp", "document.forms[0].submit()")
		if policy := b.header.Get("Content-Security-Policy"); !strings.Contains(policy, "script-src 'sha256-") || strings.Contains(policy, "unsafe") {
			t.Errorf("policy %s", policy)
		}
		form := b.fields()
		s.checkLogout(t, s.signedInside(t, posted(t, form)))
		b.post(s.URL+"/_cenote/idp/saml/slo", form)
		b.post(s.URL+"/saml2/logout", b.signedOut("")).arrived()
		if b.at.Path != "/goodbye" {
			t.Errorf("the browser went to %s", b.at)
		}
	})
}

func TestAnAnswerToASignOutIsCheckedAndGoodForItsBrowserOnce(t *testing.T) {
	databases(t, func(t *testing.T, database string) {
		s := newSAMLSite(t, database, true, "IDPSignout", "true")
		back := s.URL + "/saml2/logout"
		leave := func(b *browser) *browser {
			s.enter(t, b, "ann", "", "prompt", "login").arrived()
			return b.open(s.logout())
		}
		for fault, want := range map[standin.Fault]string{
			standin.BadSignature: "SAML Assertion signature is invalid.", standin.Unsigned: "SAML Assertion signature is invalid.", standin.Denied: "Status code is not success",
			standin.OtherIssuer: "SAML Assertion is invalid.", standin.OtherRecipient: "SAML Assertion is invalid.", standin.OtherRequest: "SAML Assertion is invalid.",
		} {
			b := leave(newBrowser(t))
			if b.post(back, b.signedOut(fault)).shows("Invalid SAML response received: "+want, "Request "); b.status != http.StatusBadRequest {
				t.Errorf("%s: status %d", fault, b.status)
			}
			b.open(s.authorize()).shows("Corp") // signed out here all the same
		}
		b := leave(newBrowser(t))
		if b.signedOut(standin.ByRedirect); b.status != http.StatusMethodNotAllowed {
			t.Errorf("an answer by the wrong binding: %d at %s", b.status, b.at)
		}
		b = leave(newBrowser(t))
		form, at := b.signedOut(""), b.at
		victim := newBrowser(t)
		victim.at = at
		victim.post(back, form).shows("Invalid state")
		for name, relay := range map[string]string{
			"an address": "https://evil.example.com/", "a path": "//evil.example.com", "a query": url.Values{"client_id": {s.client}, "logout_uri": {"https://evil.example.com"}}.Encode(),
			"forged": forged(form.Get("RelayState")),
		} {
			b.at = at
			if b.post(back, url.Values{"SAMLResponse": form["SAMLResponse"], "RelayState": {relay}}).shows("Invalid state"); b.status != http.StatusBadRequest {
				t.Errorf("%s: status %d at %s", name, b.status, b.at)
			}
		}
		b.at = at
		b.post(back, url.Values{"SAMLRequest": {"x"}, "RelayState": {"x"}}).shows("Required String parameter 'SAMLResponse' is not present")
		b.post(back, url.Values{"SAMLResponse": {"x"}}).shows("Required String parameter 'RelayState' is not present")
		b.post(s.URL+"/saml2/idpresponse", form).shows("Invalid state") // it is no state of a sign-in
		b.at = at
		b.post(back, form).arrived()
		b.at = at
		b.post(back, form).shows("Invalid state")

		// A state of a sign-in leads nowhere here.
		in := s.response(t, b, s.authorize("identity_provider", "Corp", "prompt", "login"), "ann")
		b.post(back, in).shows("Invalid state")
		// Nor does one that took too long, or one to an address that is no longer the client's.
		b = leave(newBrowser(t))
		form, at = b.signedOut(""), b.at
		s.Advance(t, 6*time.Minute)
		b.at = at
		b.post(back, form).shows("Invalid state")
		b = leave(newBrowser(t))
		form, at = b.signedOut(""), b.at
		_, err := s.SDK().UpdateUserPoolClient(t.Context(), &idp.UpdateUserPoolClientInput{
			UserPoolId: &s.pool, ClientId: &s.client, AllowedOAuthFlowsUserPoolClient: true, AllowedOAuthFlows: []types.OAuthFlowType{"code"},
			AllowedOAuthScopes: []string{"openid"}, CallbackURLs: []string{callback}, SupportedIdentityProviders: []string{"COGNITO", "Corp"},
		})
		must(t, err)
		b.at = at
		b.post(back, form).shows("Required String parameter 'redirect_uri' is not present")
	})
}

func TestOnlyWhoWantsToKnowIsToldOfASignOut(t *testing.T) {
	t.Parallel()
	s := newSAMLSite(t, "", true)
	b := newBrowser(t)
	s.enter(t, b, "ann", "").arrived()
	if b.open(s.logout()).arrived(); b.at.Path != "/goodbye" {
		t.Errorf("without IDPSignout: %s", b.at)
	}
	update := func(details map[string]string) {
		_, err := s.SDK().UpdateIdentityProvider(t.Context(), &idp.UpdateIdentityProviderInput{UserPoolId: &s.pool, ProviderName: ptr("Corp"), ProviderDetails: details})
		must(t, err)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+"/_cenote/idp/saml/metadata", nil)
	must(t, err)
	plain := regexp.MustCompile(`<md:SingleLogoutService[^>]*>`).ReplaceAllString(ask(t, r).text, "")
	update(map[string]string{"MetadataFile": plain, "IDPSignout": "true"})
	s.enter(t, b, "ann", "").arrived()
	if b.open(s.logout()).arrived(); b.at.Path != "/goodbye" {
		t.Errorf("without a logout service: %s", b.at)
	}
	update(map[string]string{"MetadataURL": s.URL + "/_cenote/idp/saml/metadata", "IDPSignout": "true"})
	s.enter(t, b, "ann", "").arrived()
	_, err = s.SDK().DeleteIdentityProvider(t.Context(), &idp.DeleteIdentityProviderInput{UserPoolId: &s.pool, ProviderName: ptr("Corp")})
	must(t, err)
	if b.open(s.logout()).arrived(); b.at.Path != "/goodbye" {
		t.Errorf("without the provider: %s", b.at)
	}
}

// certificate returns the certificate by which the pool signs requests.
func (s *site) certificate(t testing.TB) *x509.Certificate {
	t.Helper()
	out, err := s.SDK().GetSigningCertificate(t.Context(), &idp.GetSigningCertificateInput{UserPoolId: &s.pool})
	must(t, err)
	der, err := base64.StdEncoding.DecodeString(strings.NewReplacer("-----BEGIN CERTIFICATE-----", "", "-----END CERTIFICATE-----", "", "\n", "").Replace(*out.Certificate))
	must(t, err)
	certificate, err := x509.ParseCertificate(der)
	must(t, err)
	return certificate
}
