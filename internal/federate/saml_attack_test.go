package federate_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"io"
	"math/big"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/beevik/etree"
	"github.com/crewjam/saml/xmlenc"

	"github.com/cenote-id/cenote/internal/federate"
	"github.com/cenote-id/cenote/internal/standin"
)

var now = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

const (
	consumer = "https://auth.example.com/saml2/idpresponse"
	entity   = "urn:amazon:cognito:sp:us-east-1_abc"
)

var ann = standin.Person{"sub": "ann", "email": "ann@example.com"}

// provider returns a SAML provider and how its responses to the request _1 are read.
func provider(t *testing.T) (*standin.Provider, federate.SAMLResponse) {
	t.Helper()
	p := standin.New("https://idp.example.com", func() time.Time { return now })
	w := httptest.NewRecorder()
	p.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), "GET", standin.Path+"saml/metadata", nil))
	document, err := io.ReadAll(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	m, err := federate.ParseMetadata(document)
	if err != nil {
		t.Fatal(err)
	}
	return p, federate.SAMLResponse{Metadata: m, Audiences: []string{entity}, Consumers: []string{consumer}, Request: "_1", Now: now}
}

func respond(t *testing.T, p *standin.Provider) *etree.Document {
	t.Helper()
	encoded, err := p.Response(ann, "", consumer, entity, "_1")
	if err != nil {
		t.Fatal(err)
	}
	return decode(t, encoded)
}

func decode(t *testing.T, encoded string) *etree.Document {
	t.Helper()
	document, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		t.Fatal(err)
	}
	doc := etree.NewDocument()
	if err := doc.ReadFromBytes(document); err != nil {
		t.Fatal(err)
	}
	return doc
}

func encode(t *testing.T, doc *etree.Document) string {
	t.Helper()
	document, err := doc.WriteToBytes()
	if err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(document)
}

// forge returns a copy of the assertion that is about somebody else, without a signature.
func forge(assertion *etree.Element, id string) *etree.Element {
	evil := assertion.Copy()
	if s := evil.SelectElement("Signature"); s != nil {
		evil.RemoveChild(s)
	}
	evil.CreateAttr("ID", id)
	evil.FindElement(".//NameID").SetText("admin")
	return evil
}

// wrappings are the eight ways of XML signature wrapping (Somorovsky et al., "On Breaking SAML", 2012): a signed element is moved to where its
// signature still holds and an unsigned one takes its place.
var wrappings = map[string]func(doc *etree.Document, assertion *etree.Element){
	"XSW1": func(doc *etree.Document, assertion *etree.Element) { // the whole response is moved below the signature
		original := doc.Root().Copy()
		signature := assertion.SelectElement("Signature")
		evil := forge(assertion, "_evil")
		signature.AddChild(original)
		evil.AddChild(signature.Copy())
		doc.Root().RemoveChild(assertion)
		doc.Root().AddChild(evil)
	},
	"XSW2": func(doc *etree.Document, assertion *etree.Element) { // before the signature
		original := doc.Root().Copy()
		evil := forge(assertion, "_evil")
		evil.InsertChildAt(0, original)
		evil.AddChild(assertion.SelectElement("Signature").Copy())
		doc.Root().RemoveChild(assertion)
		doc.Root().AddChild(evil)
	},
	"XSW3": func(doc *etree.Document, assertion *etree.Element) {
		doc.Root().InsertChildAt(0, forge(assertion, "_evil"))
	},
	"XSW4": func(doc *etree.Document, assertion *etree.Element) {
		evil := forge(assertion, "_evil")
		doc.Root().RemoveChild(assertion)
		evil.AddChild(assertion)
		doc.Root().AddChild(evil)
	},
	"XSW5": func(doc *etree.Document, assertion *etree.Element) {
		original := assertion.Copy()
		original.RemoveChild(original.SelectElement("Signature"))
		assertion.FindElement(".//NameID").SetText("admin")
		assertion.CreateAttr("ID", "_evil")
		doc.Root().AddChild(original)
	},
	"XSW6": func(_ *etree.Document, assertion *etree.Element) {
		original := assertion.Copy()
		original.RemoveChild(original.SelectElement("Signature"))
		assertion.FindElement(".//NameID").SetText("admin")
		assertion.CreateAttr("ID", "_evil")
		assertion.SelectElement("Signature").AddChild(original)
	},
	"XSW7": func(doc *etree.Document, assertion *etree.Element) {
		doc.Root().CreateElement("samlp:Extensions").AddChild(forge(assertion, assertion.SelectAttrValue("ID", "")))
	},
	"XSW8": func(_ *etree.Document, assertion *etree.Element) {
		original := assertion.Copy()
		original.RemoveChild(original.SelectElement("Signature"))
		assertion.FindElement(".//NameID").SetText("admin")
		assertion.SelectElement("Signature").CreateElement("ds:Object").AddChild(original)
	},
	"the signature of another element": func(doc *etree.Document, assertion *etree.Element) {
		doc.Root().AddChild(assertion.SelectElement("Signature").Copy())
		assertion.FindElement(".//NameID").SetText("admin")
	},
	"two signatures": func(_ *etree.Document, assertion *etree.Element) {
		assertion.AddChild(assertion.SelectElement("Signature").Copy())
	},
}

func TestForgedResponsesAreRefused(t *testing.T) {
	t.Parallel()
	p, s := provider(t)
	good := respond(t, p)
	if a, _, err := s.Account(encode(t, good)); err != nil || a.Subject != "ann" || a.Claims["email"] != "ann@example.com" || a.Issuer != s.Metadata.EntityID {
		t.Fatalf("%+v, %v", a, err)
	}
	for name, wrap := range wrappings {
		doc := respond(t, p)
		wrap(doc, doc.Root().SelectElement("Assertion"))
		if a, _, err := s.Account(encode(t, doc)); err == nil {
			t.Errorf("%s: %+v", name, a)
		}
	}
}

func TestEncryptedAssertions(t *testing.T) {
	t.Parallel()
	p, s := provider(t)
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: now, NotAfter: now.Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	encrypted := func(method xmlenc.RSA) *etree.Document {
		doc := respond(t, p)
		assertion := doc.Root().SelectElement("Assertion")
		inner := etree.NewDocument()
		inner.SetRoot(assertion.Copy())
		plain, err := inner.WriteToBytes()
		if err != nil {
			t.Fatal(err)
		}
		data, err := method.Encrypt(certificate, plain, nil)
		if err != nil {
			t.Fatal(err)
		}
		doc.Root().RemoveChild(assertion)
		doc.Root().CreateElement("saml:EncryptedAssertion").AddChild(data)
		return doc
	}
	good := encode(t, encrypted(xmlenc.OAEP()))
	if a, _, err := s.Account(good); err == nil {
		t.Errorf("encrypted though it was not agreed: %+v", a)
	}
	s.Decrypter = key
	if a, _, err := s.Account(good); err != nil || a.Subject != "ann" {
		t.Errorf("%+v, %v", a, err)
	}
	for name, document := range map[string]string{"not encrypted": encode(t, respond(t, p)), "under PKCS #1 v1.5": encode(t, encrypted(xmlenc.PKCS1v15()))} {
		if a, _, err := s.Account(document); err == nil {
			t.Errorf("%s: %+v", name, a)
		}
	}
}
