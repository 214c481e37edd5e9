package federate_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/beevik/etree"
	dsig "github.com/russellhaering/goxmldsig"

	"github.com/cenote-id/cenote/internal/federate"
	"github.com/cenote-id/cenote/internal/pool"
)

func newSAMLKey(t *testing.T) (*pool.SAMLKey, *x509.Certificate) {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return &pool.SAMLKey{Private: key, Certificate: der}, certificate
}

func TestAPostedAuthnRequestIsSignedInside(t *testing.T) {
	t.Parallel()
	key, certificate := newSAMLKey(t)
	verify := dsig.NewDefaultValidationContext(&dsig.MemoryX509CertificateStore{Roots: []*x509.Certificate{certificate}})
	leave := func(signer *pool.SAMLKey) *etree.Document {
		t.Helper()
		away, err := federate.SAMLRequest{ID: "_1", Entity: entity, Consumer: consumer, Relay: "state", Signer: signer, Now: now}.
			Leave(&federate.Metadata{SSOPost: "https://idp.example.com/post?a=1&b=2"})
		if err != nil {
			t.Fatal(err)
		}
		if away.Location != "https://idp.example.com/post?a=1&b=2" || away.Fields["RelayState"] != "state" || len(away.Fields) != 2 {
			t.Errorf("the browser leaves with %v", away)
		}
		return decode(t, away.Fields["SAMLRequest"])
	}
	doc := leave(key)
	request, err := verify.Validate(doc.Root())
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"ID": "_1", "Destination": "https://idp.example.com/post?a=1&b=2", "AssertionConsumerServiceURL": consumer, "IssueInstant": "2026-03-01T12:00:00Z",
	} {
		if got := request.SelectAttrValue(name, ""); got != want {
			t.Errorf("%s is %q", name, got)
		}
	}
	children := doc.Root().ChildElements()
	if request.Tag != "AuthnRequest" || len(children) != 2 || children[0].Text() != entity || children[1].Tag != "Signature" {
		t.Errorf("the request does not have what the schema wants, in its order: %v", children)
	}
	doc.Root().CreateAttr("AssertionConsumerServiceURL", "https://other.example.com")
	if _, err := verify.Validate(doc.Root()); err == nil {
		t.Error("the signature does not cover where the response goes")
	}
	if unsigned := leave(nil).Root(); unsigned.Tag != "AuthnRequest" || unsigned.SelectElement("Signature") != nil {
		t.Error("a request without a signer is signed")
	}
}

func TestRequestsPreferTheRedirect(t *testing.T) {
	t.Parallel()
	m := &federate.Metadata{SSORedirect: "https://idp.example.com/redirect", SSOPost: "https://idp.example.com/post"}
	away, err := federate.SAMLRequest{ID: "_1", Entity: entity, Consumer: consumer, Relay: "state", Now: now}.Leave(m)
	if err != nil || away.Fields != nil || !strings.HasPrefix(away.Location, m.SSORedirect+"?SAMLRequest=") {
		t.Errorf("the browser leaves with %v, %v", away, err)
	}
}
