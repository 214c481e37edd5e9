package federate_test

import (
	"strings"
	"testing"

	"github.com/beevik/etree"

	"github.com/cenote-id/cenote/internal/federate"
	"github.com/cenote-id/cenote/internal/standin"
)

const signedOutAt = "https://auth.example.com/saml2/logout"

func TestForgedLogoutResponsesAreRefused(t *testing.T) {
	t.Parallel()
	p, s := provider(t)
	check := federate.LogoutResponse{Metadata: s.Metadata, Consumer: signedOutAt, Request: "_1"}.Check
	respond := func(fault standin.Fault) *etree.Document {
		encoded, err := p.LogoutResponse(fault, signedOutAt, "_1")
		if err != nil {
			t.Fatal(err)
		}
		return decode(t, encoded)
	}
	for _, fault := range []standin.Fault{"", standin.Partial} {
		if err := check(encode(t, respond(fault))); err != nil {
			t.Errorf("%q: %v", fault, err)
		}
	}
	// wrap puts the signed response of another request into an unsigned one of this.
	wrap := func(into func(evil, original *etree.Element)) func(*etree.Document) {
		return func(doc *etree.Document) {
			encoded, err := p.LogoutResponse("", signedOutAt, "_other")
			if err != nil {
				t.Fatal(err)
			}
			original := decode(t, encoded).Root()
			evil := doc.Root()
			evil.RemoveChild(evil.SelectElement("Signature"))
			evil.CreateAttr("ID", "_evil")
			into(evil, original)
		}
	}
	for name, change := range map[string]func(*etree.Document){
		"a failure turned into success": func(doc *etree.Document) {
			*doc = *respond(standin.Denied)
			doc.FindElement("//StatusCode").CreateAttr("Value", "urn:oasis:names:tc:SAML:2.0:status:Success")
		},
		"no signature": func(doc *etree.Document) { doc.Root().RemoveChild(doc.Root().SelectElement("Signature")) },
		"wrapped inside": wrap(func(evil, original *etree.Element) {
			evil.CreateElement("samlp:Extensions").AddChild(original)
		}),
		"wrapped in its signature": wrap(func(evil, original *etree.Element) {
			signature := original.SelectElement("Signature")
			original.RemoveChild(signature)
			evil.AddChild(signature)
			signature.CreateElement("ds:Object").AddChild(original)
		}),
		"the signature of another response": wrap(func(evil, original *etree.Element) { evil.AddChild(original.SelectElement("Signature")) }),
		"two signatures":                    func(doc *etree.Document) { doc.Root().AddChild(doc.Root().SelectElement("Signature").Copy()) },
		"SHA-1": func(doc *etree.Document) {
			doc.FindElement("//SignatureMethod").CreateAttr("Algorithm", "http://www.w3.org/2000/09/xmldsig#rsa-sha1")
		},
		"a response to a sign-in": func(doc *etree.Document) { doc.Root().Tag = "Response" },
		"a comment":               func(doc *etree.Document) { doc.Root().CreateComment("x") },
	} {
		doc := respond("")
		if change(doc); check(encode(t, doc)) == nil {
			t.Errorf("%s passes", name)
		}
	}
	if err := check(strings.Repeat("A", federate.MaxSAMLResponse+1)); err == nil {
		t.Error("a response that is too long passes")
	}
	signIn, err := p.Response(ann, "", signedOutAt, entity, "_1")
	if err != nil {
		t.Fatal(err)
	}
	if check(signIn) == nil {
		t.Error("an answer to a sign-in passes")
	}
}
