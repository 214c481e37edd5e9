package oauth_test

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cenote-id/cenote/internal/standin"
)

func newSAMLSite(t testing.TB, database string, own bool, pairs ...string) *providerSite {
	t.Helper()
	details := map[string]string{"MetadataURL": "{server}/_cenote/idp/saml/metadata"}
	for i := 0; i < len(pairs); i += 2 {
		details[pairs[i]] = pairs[i+1]
	}
	return newProviderSite(t, database, types.IdentityProviderTypeTypeSaml, "Corp", details, mapping, own, nil)
}

func TestAUserOfASAMLProviderSignsIn(t *testing.T) {
	databases(t, func(t *testing.T, database string) {
		s := newSAMLSite(t, database, true, "RequestSigningAlgorithm", "rsa-sha256")
		b := newBrowser(t).open(s.authorize("identity_provider", "Corp", "scope", "openid profile", "login_hint", "ann"))
		s.checkSigned(t, b.at)
		claims := payload(t, s.tokens(t, b.choose("ann", "").arrived().Get("code")).token(t, "id_token"))
		identities, _ := claims["identities"].([]any)
		if len(identities) != 1 || claims["cognito:username"] != "corp_ann" || claims["email_verified"] != true || claims["name"] != "Ann Example" {
			t.Fatalf("claims %v", claims)
		}
		if identity, _ := identities[0].(map[string]any); identity["issuer"] != s.URL+"/_cenote/idp/saml/metadata" || identity["providerType"] != "SAML" {
			t.Errorf("identity %v", identity)
		}
		if again := s.claims(t, "ann"); again["sub"] != claims["sub"] {
			t.Errorf("the second time: %v", again)
		}
		// Metadata is read again when it is old; the provider is asked as before.
		s.Advance(t, 7*time.Hour)
		s.claims(t, "ann")
	})
}

// checkSigned verifies the signature of a request with the certificate of the pool.
func (s *providerSite) checkSigned(t testing.TB, at *url.URL) {
	t.Helper()
	signed, rest, _ := strings.Cut(at.RawQuery, "&Signature=")
	text, err := url.QueryUnescape(rest)
	must(t, err)
	signature, err := base64.StdEncoding.DecodeString(text)
	must(t, err)
	sum := sha256.Sum256([]byte(signed))
	key, _ := s.certificate(t).PublicKey.(*rsa.PublicKey)
	if err := rsa.VerifyPKCS1v15(key, crypto.SHA256, sum[:], signature); err != nil || !strings.Contains(signed, "SigAlg=") {
		t.Errorf("the request is not signed: %v in %s", err, at)
	}
}

func TestAnAttributeOfSeveralValues(t *testing.T) {
	t.Parallel()
	s := newProviderSite(t, "", types.IdentityProviderTypeTypeSaml, "Corp", map[string]string{"MetadataURL": "{server}/_cenote/idp/saml/metadata"},
		map[string]string{"profile": "groups", "name": "verified"}, false, nil)
	s.people(t, standin.Person{"sub": "ann", "groups": []string{"a b", "c,d"}, "verified": true})
	if claims := s.claims(t, "ann"); claims["profile"] != "[a+b,c%2Cd]" || claims["name"] != "true" {
		t.Errorf("claims %v", claims)
	}
	s.people(t, standin.Person{"sub": "ann", "groups": []string{"one"}, "verified": []any{}})
	if claims := s.claims(t, "ann"); claims["profile"] != "one" || claims["name"] != nil {
		t.Errorf("with one value and with none: %v", claims)
	}
}

func TestSigningInByAFormOfAProvider(t *testing.T) {
	for name, pairs := range map[string][]string{"signed": {"RequestSigningAlgorithm", "rsa-sha256"}, "unsigned": nil} {
		t.Run(name, func(t *testing.T) {
			databases(t, func(t *testing.T, database string) {
				s := newSAMLSite(t, database, true, append(pairs, "MetadataURL", "{server}/_cenote/idp/saml/metadata?sso=post")...)
				s.signsInByAForm(t, pairs != nil)
			})
		})
	}
}

func (s *providerSite) signsInByAForm(t testing.TB, signed bool) {
	t.Helper()
	b := newBrowser(t).open(s.authorize("identity_provider", "Corp")).shows("Signing in", "taken to Corp", "document.forms[0].submit()")
	if policy := b.header.Get("Content-Security-Policy"); !strings.Contains(policy, "script-src 'sha256-") || strings.Contains(policy, "unsafe") {
		t.Errorf("policy %s", policy)
	}
	form := b.fields()
	request := posted(t, form)
	if signed {
		request = s.signedInside(t, request)
	} else if request.SelectElement("Signature") != nil {
		t.Error("the request is signed, though nobody asks for that")
	}
	sso := s.URL + "/_cenote/idp/saml/sso"
	if request.Tag != "AuthnRequest" || request.SelectAttrValue("Destination", "") != sso {
		t.Errorf("the provider is asked with %s %v", request.Tag, request.Attr)
	}
	chosen := b.post(sso, form).shows("Development provider").fields()
	chosen.Set("person", "ann")
	got := b.open(sso + "?" + chosen.Encode()).submitAnywhere().arrived()
	if claims := payload(t, s.tokens(t, got.Get("code")).token(t, "id_token")); claims["cognito:username"] != "corp_ann" || got.Get("state") != "a b&c" {
		t.Errorf("claims %v, the application got %v", claims, got)
	}
}

func TestASAMLProvidersFaultsAreTold(t *testing.T) {
	t.Parallel()
	s := newSAMLSite(t, "", true)
	for fault, want := range map[standin.Fault]string{
		standin.BadSignature: "SAML Assertion signature is invalid. ", standin.UnsignedAssertion: "SAML Assertion signature is invalid. ",
		standin.Denied: "Status code is not success", standin.OtherIssuer: "SAML Assertion is invalid. ", standin.OtherAudience: "SAML Assertion is invalid. ",
		standin.OtherRecipient: "SAML Assertion is invalid. ", standin.OtherRequest: "SAML Assertion is invalid. ", standin.Expired: "SAML Assertion is invalid. ", standin.Early: "SAML Assertion is invalid. ",
		standin.NoSubject: "username attribute mapping required",
	} {
		got := s.enter(t, newBrowser(t), "ann", string(fault)).arrived()
		if got.Get("error") != "server_error" || !strings.HasPrefix(got.Get("error_description"), "Invalid SAML response received: "+want) || got.Get("state") != "a b&c" {
			t.Errorf("%s: %v", fault, got)
		}
	}
}

func TestEncryptedAssertions(t *testing.T) {
	databases(t, func(t *testing.T, database string) {
		s := newSAMLSite(t, database, true, "EncryptedResponses", "true")
		refused := func(what, text string) {
			t.Helper()
			if got := s.enter(t, newBrowser(t), "ann", "").arrived(); got.Get("error_description") != "Invalid SAML response received: "+text+" " {
				t.Errorf("%s: %v", what, got)
			}
		}
		refused("not encrypted", "Responses must contain exactly one Encrypted Assertion")
		described, err := s.SDK().DescribeIdentityProvider(t.Context(), &idp.DescribeIdentityProviderInput{UserPoolId: &s.pool, ProviderName: ptr("Corp")})
		must(t, err)
		encryptFor := func(certificate string) {
			t.Helper()
			r, err := http.NewRequestWithContext(t.Context(), http.MethodPut, s.URL+"/_cenote/idp/saml/encryption/urn:amazon:cognito:sp:"+s.pool, strings.NewReader(certificate))
			must(t, err)
			if a := ask(t, r); a.status != http.StatusNoContent {
				t.Fatalf("encryption: %d %s", a.status, a.text)
			}
		}
		encryptFor(described.IdentityProvider.ProviderDetails["ActiveEncryptionCertificate"])
		if claims := s.claims(t, "ann"); claims["cognito:username"] != "corp_ann" || claims["email"] != "ann@example.com" {
			t.Errorf("claims %v", claims)
		}
		for _, fault := range []standin.Fault{standin.BadSignature, standin.UnsignedAssertion} { // nothing tells them from what cannot be decrypted
			if got := s.enter(t, newBrowser(t), "ann", string(fault)).arrived(); got.Get("error_description") != "Invalid SAML response received: SAML Assertion is invalid. " {
				t.Errorf("%s: %v", fault, got)
			}
		}
		encryptFor(base64.StdEncoding.EncodeToString(s.certificate(t).Raw))
		refused("for another key", "SAML Assertion is invalid.")
	})
}

func TestACertificateCountsWhileTheMetadataListsIt(t *testing.T) {
	databases(t, func(t *testing.T, database string) {
		s := newSAMLSite(t, database, true)
		s.claims(t, "ann")
		s.rotate(t)
		if got := s.enter(t, newBrowser(t), "ann", "").arrived(); !strings.Contains(got.Get("error_description"), "SAML Assertion signature is invalid.") {
			t.Errorf("signed by a key that the known metadata does not have: %v", got)
		}
		s.Advance(t, 7*time.Hour)
		s.claims(t, "ann")
		if got := s.enter(t, newBrowser(t), "ann", string(standin.RetiredKey)).arrived(); !strings.Contains(got.Get("error_description"), "SAML Assertion signature is invalid.") {
			t.Errorf("signed by a key that the metadata no longer has: %v", got)
		}
	})
}

// response opens the provider's page, chooses the person and returns the form that leads back, without sending it.
func (s *providerSite) response(t testing.TB, b *browser, address, person string) url.Values {
	t.Helper()
	b.open(address).shows("Development provider")
	q := b.at.Query()
	q.Set("person", person)
	b.open(b.at.Scheme + "://" + b.at.Host + b.at.Path + "?" + q.Encode()).shows("Going back")
	values := url.Values{}
	for _, input := range inputPattern.FindAllStringSubmatch(b.page, -1) {
		values.Set(input[1], strings.NewReplacer("&#43;", "+", "&amp;", "&").Replace(valuePattern.FindStringSubmatch(input[0])[1]))
	}
	return values
}

func TestASAMLResponseIsGoodForItsBrowserAndOnce(t *testing.T) {
	databases(t, func(t *testing.T, database string) {
		s := newSAMLSite(t, database, true)
		b := newBrowser(t)
		form := s.response(t, b, s.authorize("identity_provider", "Corp"), "ann")
		acs := s.URL + "/saml2/idpresponse"
		victim := newBrowser(t)
		victim.at = b.at
		if victim.post(acs, form).shows("Invalid state"); victim.status != http.StatusBadRequest {
			t.Errorf("status %d", victim.status)
		}
		b.post(acs, form).arrived()
		b.at = victim.at
		b.post(acs, form).shows("Invalid state")
		// The response of one visit in another: it answers a request that is not this one's.
		other := s.response(t, b, s.authorize("identity_provider", "Corp", "prompt", "login"), "bob")
		other.Set("SAMLResponse", form.Get("SAMLResponse"))
		if got := b.post(acs, other).arrived(); got.Get("error") != "server_error" {
			t.Errorf("another visit's response: %v", got)
		}
		b.at = victim.at
		b.post(acs, url.Values{"SAMLResponse": {"x"}}).shows("Required String parameter 'RelayState' is not present")
		b.post(acs, url.Values{"RelayState": {"x"}}).shows("Required String parameter 'SAMLResponse' is not present")
		b.post(acs, url.Values{"RelayState": {"x"}, "SAMLResponse": {strings.Repeat("x", 500_000)}}).shows("Invalid samlResponse or relayState from identity provider")
		b.post(acs, url.Values{"RelayState": other["RelayState"], "SAMLResponse": {form.Get("SAMLResponse"), "x"}}).shows("Invalid samlResponse or relayState from identity provider")
		for _, relay := range []string{"x", "https://app.example.com/home", "client_id=%zz", "{}", "<b>.x</b>"} {
			b.post(acs, url.Values{"RelayState": {relay}, "SAMLResponse": {form.Get("SAMLResponse")}}).shows("Invalid samlResponse or relayState from identity provider")
		}
	})
}

func TestASAMLProviderSendsPeopleUnasked(t *testing.T) {
	databases(t, func(t *testing.T, database string) {
		s := newSAMLSite(t, database, false, "IDPInit", "true")
		relay := url.Values{"identity_provider": {"Corp"}, "client_id": {s.client}, "redirect_uri": {callback}, "response_type": {"code"}, "scope": {"openid email"}}.Encode()
		address := s.URL + "/_cenote/idp/saml/sso?" + url.Values{
			"acs": {s.URL + "/saml2/idpresponse"}, "audience": {"urn:amazon:cognito:sp:" + s.pool}, "RelayState": {relay},
		}.Encode()
		b := newBrowser(t)
		form := s.response(t, b, address, "ann")
		at := b.at
		if got := b.post(s.URL+"/saml2/idpresponse", form).arrived(); got.Get("code") == "" {
			t.Errorf("the application got %v", got)
		}
		again := newBrowser(t)
		again.at = at
		if got := again.post(s.URL+"/saml2/idpresponse", form).arrived(); got.Get("error") != "server_error" || !strings.Contains(got.Get("error_description"), "has been used before") {
			t.Errorf("replayed: %v", got)
		}
		// An answer to a request is none that was not asked for.
		asked := s.response(t, b, s.authorize("prompt", "login"), "bob")
		asked.Set("RelayState", relay)
		if got := b.post(s.URL+"/saml2/idpresponse", asked).arrived(); got.Get("error") != "server_error" {
			t.Errorf("with InResponseTo: %v", got)
		}
		s.supports(t, true) // the pool's own users, too
		form = s.response(t, b, address, "ann")
		b.post(s.URL+"/saml2/idpresponse", form).shows("Invalid samlResponse or relayState from identity provider")
	})
}
