package federate_test

import (
	"crypto"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"maps"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/beevik/etree"
	"github.com/crewjam/saml/xmlenc"
	dsig "github.com/russellhaering/goxmldsig"
	"github.com/russellhaering/goxmldsig/etreeutils"

	"github.com/cenote-id/cenote/internal/federate"
)

// authority is a provider whose key signs whatever a test wants.
type authority struct {
	t           *testing.T
	key         *rsa.PrivateKey
	certificate *x509.Certificate
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	must(t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: now.AddDate(-1, 0, 0), NotAfter: now.AddDate(1, 0, 0)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	must(t, err)
	certificate, err := x509.ParseCertificate(der)
	must(t, err)
	return &authority{t, key, certificate}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// reader reads the authority's responses to the request _1.
func (a *authority) reader() federate.SAMLResponse {
	m := &federate.Metadata{EntityID: "https://idp.example.com", Certificates: []*x509.Certificate{a.certificate}}
	return federate.SAMLResponse{Metadata: m, Audiences: []string{entity}, Consumers: []string{consumer}, Request: "_1", Now: now}
}

const plainResponse = `<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_r" Version="2.0"
 IssueInstant="2026-03-01T12:00:00Z" Destination="` + consumer + `" InResponseTo="_1"><saml:Issuer>https://idp.example.com</saml:Issuer>
<samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>
<saml:Assertion ID="_a" Version="2.0" IssueInstant="2026-03-01T12:00:00Z"><saml:Issuer>https://idp.example.com</saml:Issuer>
<saml:Subject><saml:NameID>ann</saml:NameID><saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer">
<saml:SubjectConfirmationData Recipient="` + consumer + `" NotOnOrAfter="2026-03-01T12:05:00Z" InResponseTo="_1"/></saml:SubjectConfirmation></saml:Subject>
<saml:Conditions NotBefore="2026-03-01T11:59:00Z" NotOnOrAfter="2026-03-01T12:05:00Z"><saml:AudienceRestriction><saml:Audience>` + entity + `</saml:Audience></saml:AudienceRestriction></saml:Conditions>
<saml:AuthnStatement AuthnInstant="2026-03-01T12:00:00Z" SessionIndex="_s"/></saml:Assertion></samlp:Response>`

// plain returns a response that nothing signs.
func (a *authority) plain() *etree.Document {
	a.t.Helper()
	doc := etree.NewDocument()
	must(a.t, doc.ReadFromString(plainResponse))
	return doc
}

// sign signs an element inside, behind its issuer.
func (a *authority) sign(e *etree.Element) *etree.Element {
	a.t.Helper()
	context, err := dsig.NewSigningContext(a.key, [][]byte{a.certificate.Raw})
	must(a.t, err)
	context.IdAttribute = "ID"
	context.Canonicalizer = dsig.MakeC14N10ExclusiveCanonicalizerWithPrefixList("")
	scope, err := etreeutils.NSBuildParentContext(e)
	must(a.t, err)
	detached, err := etreeutils.NSDetatch(scope, e)
	must(a.t, err)
	signature, err := context.ConstructSignature(detached, true)
	must(a.t, err)
	e.InsertChildAt(1, signature)
	return signature
}

// canonical returns what the signature is made of.
func (a *authority) canonical(signature *etree.Element) []byte {
	a.t.Helper()
	info := signature.SelectElement("SignedInfo")
	scope, err := etreeutils.NSBuildParentContext(info)
	must(a.t, err)
	detached, err := etreeutils.NSDetatch(scope, info)
	must(a.t, err)
	content, err := dsig.MakeC14N10ExclusiveCanonicalizerWithPrefixList("").Canonicalize(detached)
	must(a.t, err)
	return content
}

// resign signs a signature again that a test has changed.
func (a *authority) resign(signature *etree.Element) {
	a.t.Helper()
	sum := sha256.Sum256(a.canonical(signature))
	value, err := rsa.SignPKCS1v15(rand.Reader, a.key, crypto.SHA256, sum[:])
	must(a.t, err)
	signature.SelectElement("SignatureValue").SetText(base64.StdEncoding.EncodeToString(value))
}

// assertionOf returns the first assertion.
func assertionOf(doc *etree.Document) *etree.Element { return doc.Root().SelectElement("Assertion") }

// takeAssertion takes the assertion out of the response and returns it as a document of its own.
func takeAssertion(t *testing.T, doc *etree.Document) []byte {
	t.Helper()
	assertion := assertionOf(doc)
	scope, err := etreeutils.NSBuildParentContext(assertion)
	must(t, err)
	detached, err := etreeutils.NSDetatch(scope, assertion)
	must(t, err)
	inner := etree.NewDocument()
	inner.SetRoot(detached)
	content, err := inner.WriteToBytes()
	must(t, err)
	doc.Root().RemoveChild(assertion)
	return content
}

// encrypt encrypts the assertion of the response for the certificate.
func encrypt(t *testing.T, doc *etree.Document, certificate *x509.Certificate) *etree.Element {
	t.Helper()
	data, err := xmlenc.OAEP().Encrypt(certificate, takeAssertion(t, doc), nil)
	must(t, err)
	e := doc.Root().CreateElement("saml:EncryptedAssertion")
	e.AddChild(data)
	return e
}

func TestWhatATrustedProviderMaySign(t *testing.T) {
	t.Parallel()
	a := newAuthority(t)
	set := func(path, name, value string) func(*etree.Document) {
		return func(doc *etree.Document) {
			e := doc.FindElement(path)
			if e.RemoveAttr(name); value != "" {
				e.CreateAttr(name, value)
			}
			a.sign(assertionOf(doc))
		}
	}
	text := func(path, value string) func(*etree.Document) {
		return func(doc *etree.Document) {
			doc.FindElement(path).SetText(value)
			a.sign(assertionOf(doc))
		}
	}
	remove := func(path string) func(*etree.Document) {
		return func(doc *etree.Document) {
			e := doc.FindElement(path)
			e.Parent().RemoveChild(e)
			a.sign(assertionOf(doc))
		}
	}
	const confirmation = "//SubjectConfirmationData"
	for name, c := range map[string]struct {
		make func(*etree.Document)
		want string // in the error; empty: it passes
	}{
		"a signed assertion in an unsigned response": {func(doc *etree.Document) { a.sign(assertionOf(doc)) }, ""},
		"an unsigned assertion in a signed response": {func(doc *etree.Document) { a.sign(doc.Root()) }, ""},
		"both signed":                           {func(doc *etree.Document) { a.sign(assertionOf(doc)); a.sign(doc.Root()) }, ""},
		"a clock that is a little ahead":        {set("//Conditions", "NotBefore", "2026-03-01T12:00:30Z"), ""},
		"nothing signed":                        {func(*etree.Document) {}, "signature is invalid"},
		"expired":                               {set("//Conditions", "NotOnOrAfter", "2026-03-01T11:58:00Z"), "its time is over"},
		"not yet valid":                         {set("//Conditions", "NotBefore", "2026-03-01T12:02:00Z"), "its time is over, or has not come"},
		"another audience":                      {text("//Audience", "urn:amazon:cognito:sp:us-east-1_other"), "another audience"},
		"no audience":                           {remove("//AudienceRestriction"), "for anybody"},
		"no conditions":                         {remove("//Conditions"), "for anybody"},
		"another recipient":                     {set(confirmation, "Recipient", "https://other.example.com/saml2/idpresponse"), "not confirmed"},
		"no recipient":                          {set(confirmation, "Recipient", ""), "not confirmed"},
		"an expired confirmation":               {set(confirmation, "NotOnOrAfter", "2026-03-01T11:58:00Z"), "not confirmed"},
		"a confirmation without an end":         {set(confirmation, "NotOnOrAfter", ""), "not confirmed"},
		"a confirmation for later":              {set(confirmation, "NotBefore", "2026-03-01T12:02:00Z"), "not confirmed"},
		"another request in the confirmation":   {set(confirmation, "InResponseTo", "_2"), "not confirmed"},
		"no request in the confirmation":        {set(confirmation, "InResponseTo", ""), "not confirmed"},
		"no confirmation":                       {remove("//SubjectConfirmation"), "not confirmed"},
		"a holder of a key":                     {set("//SubjectConfirmation", "Method", "urn:oasis:names:tc:SAML:2.0:cm:holder-of-key"), "not confirmed"},
		"a forged InResponseTo of the response": {set("/Response", "InResponseTo", "_2"), "another request"},
		"no InResponseTo of the response":       {set("/Response", "InResponseTo", ""), "another request"},
		"another destination":                   {set("/Response", "Destination", "https://other.example.com/"), "the destination"},
		"another issuer of the assertion":       {text("//Assertion/Issuer", "https://other.example.com"), "the issuer is another"},
		"another issuer of the response":        {text("/Response/Issuer", "https://other.example.com"), "the issuer is another"},
		"a failure":                             {set("//StatusCode", "Value", "urn:oasis:names:tc:SAML:2.0:status:Responder"), "Status code is not success"},
		"nobody has signed in":                  {remove("//AuthnStatement"), "nobody has signed in"},
		"no NameID":                             {remove("//NameID"), "username attribute mapping required"},
		"version 1.1":                           {set("//Assertion", "Version", "1.1"), "version 2.0"},
		"version 1.1 of the response":           {set("/Response", "Version", "1.1"), "version 2.0"},
		"an element inside the NameID": {func(doc *etree.Document) {
			doc.FindElement("//NameID").CreateElement("b").SetText("evil")
			a.sign(assertionOf(doc))
		}, "elements inside"},
		"no id":        {func(doc *etree.Document) { assertionOf(doc).RemoveAttr("ID"); a.sign(doc.Root()) }, "no id"},
		"no assertion": {func(doc *etree.Document) { doc.Root().RemoveChild(assertionOf(doc)); a.sign(doc.Root()) }, "0 assertions"},
		"two assertions, each signed": {func(doc *etree.Document) {
			second := assertionOf(doc).Copy()
			second.CreateAttr("ID", "_b")
			doc.Root().AddChild(second)
			a.sign(assertionOf(doc))
			a.sign(second)
		}, "2 assertions"},
	} {
		doc := a.plain()
		c.make(doc)
		account, _, err := a.reader().Account(encode(t, doc))
		switch {
		case c.want == "" && (err != nil || account.Subject != "ann"):
			t.Errorf("%s: %+v, %v", name, account, err)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

// TestASignatureOfTheResponseIsNamed holds that the texts tell which of both signatures does not hold.
func TestASignatureOfTheResponseIsNamed(t *testing.T) {
	t.Parallel()
	a, stranger := newAuthority(t), newAuthority(t)
	for want, sign := range map[string]func(doc *etree.Document){
		"SAML Response signature is invalid.":  func(doc *etree.Document) { stranger.sign(doc.Root()) },
		"SAML Assertion signature is invalid.": func(doc *etree.Document) { stranger.sign(assertionOf(doc)) },
	} {
		doc := a.plain()
		sign(doc)
		_, _, err := a.reader().Account(encode(t, doc))
		if no := new(federate.Refusal); !errors.As(err, &no) || no.Text != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

func TestAttributesOfAnAssertion(t *testing.T) {
	t.Parallel()
	a := newAuthority(t)
	doc := a.plain()
	statement := etree.NewDocument()
	must(t, statement.ReadFromString(`<saml:AttributeStatement xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">
<saml:Attribute Name="mail"><saml:AttributeValue>ann@example.com</saml:AttributeValue></saml:Attribute>
<saml:Attribute Name="groups"><saml:AttributeValue>a b</saml:AttributeValue><saml:AttributeValue>c</saml:AttributeValue></saml:Attribute>
<saml:Attribute Name="groups"><saml:AttributeValue>d</saml:AttributeValue></saml:Attribute>
<saml:Attribute Name="none"/><saml:Attribute Name="empty"><saml:AttributeValue/></saml:Attribute>
<saml:Attribute Name="targeted"><saml:AttributeValue> <saml:NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent">opaque</saml:NameID> </saml:AttributeValue></saml:Attribute>
</saml:AttributeStatement>`))
	assertionOf(doc).AddChild(statement.Root())
	a.sign(assertionOf(doc))
	account, assertion, err := a.reader().Account(encode(t, doc))
	must(t, err)
	want := federate.Claims{"mail": "ann@example.com", "groups": "[a+b,c,d]", "none": "", "empty": "", "targeted": "opaque"}
	if !maps.Equal(account.Claims, want) || !slices.Equal(assertion.Attributes["groups"], []string{"a b", "c", "d"}) {
		t.Errorf("%v, %v", account.Claims, assertion.Attributes)
	}
}

// TestSignaturesThatProveNothing tries signatures by which an attacker hopes to pass something off that the provider never signed.
func TestSignaturesThatProveNothing(t *testing.T) {
	t.Parallel()
	a, attacker := newAuthority(t), newAuthority(t)
	attackers := func(signature *etree.Element) string {
		return signature.FindElement("//X509Certificate").Text()
	}
	for name, forge := range map[string]func(doc *etree.Document){
		"a response changed behind its signature": func(doc *etree.Document) {
			a.sign(doc.Root())
			doc.FindElement("//NameID").SetText("admin")
		},
		"an assertion changed behind its signature, in a signed response": func(doc *etree.Document) {
			a.sign(assertionOf(doc))
			doc.FindElement("//NameID").SetText("admin")
			a.sign(doc.Root())
		},
		"XSW1 of a signed response": func(doc *etree.Document) { // the signed response moves into the signature of another
			signature := a.sign(doc.Root())
			original := doc.Root().Copy()
			original.RemoveChild(original.SelectElement("Signature"))
			doc.Root().CreateAttr("ID", "_evil")
			doc.FindElement("//NameID").SetText("admin")
			signature.AddChild(original)
		},
		"XSW2 of a signed response": func(doc *etree.Document) { // and beside it
			a.sign(doc.Root())
			original := doc.Root().Copy()
			original.RemoveChild(original.SelectElement("Signature"))
			doc.Root().CreateAttr("ID", "_evil")
			doc.FindElement("//NameID").SetText("admin")
			doc.Root().AddChild(original)
		},
		"the attacker's own key, named in the signature": func(doc *etree.Document) { attacker.sign(assertionOf(doc)) },
		"the attacker's own key under the provider's certificate": func(doc *etree.Document) {
			signature := attacker.sign(assertionOf(doc))
			signature.FindElement(".//X509Certificate").SetText(base64.StdEncoding.EncodeToString(a.certificate.Raw))
		},
		"SHA-1": func(doc *etree.Document) {
			context, err := dsig.NewSigningContext(a.key, [][]byte{a.certificate.Raw})
			must(t, err)
			context.IdAttribute, context.Hash = "ID", crypto.SHA1
			context.Canonicalizer = dsig.MakeC14N10ExclusiveCanonicalizerWithPrefixList("")
			assertion := assertionOf(doc)
			scope, err := etreeutils.NSBuildParentContext(assertion)
			must(t, err)
			detached, err := etreeutils.NSDetatch(scope, assertion)
			must(t, err)
			signature, err := context.ConstructSignature(detached, true)
			must(t, err)
			if method := signature.FindElement(".//SignatureMethod").SelectAttrValue("Algorithm", ""); !strings.HasSuffix(method, "rsa-sha1") {
				t.Errorf("it is signed by %s", method)
			}
			assertion.InsertChildAt(1, signature)
		},
		"a digest by SHA-1": func(doc *etree.Document) {
			signature := a.sign(assertionOf(doc))
			signature.FindElement(".//DigestMethod").CreateAttr("Algorithm", "http://www.w3.org/2000/09/xmldsig#sha1")
			a.resign(signature)
		},
		"HMAC with the certificate as the key": func(doc *etree.Document) {
			signature := a.sign(assertionOf(doc))
			signature.FindElement(".//SignatureMethod").CreateAttr("Algorithm", "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256")
			mac := hmac.New(sha256.New, []byte(attackers(signature)))
			mac.Write(a.canonical(signature))
			signature.SelectElement("SignatureValue").SetText(base64.StdEncoding.EncodeToString(mac.Sum(nil)))
		},
		"no algorithm": func(doc *etree.Document) {
			signature := a.sign(assertionOf(doc))
			method := signature.FindElement(".//SignatureMethod")
			method.Parent().RemoveChild(method)
			signature.SelectElement("SignatureValue").SetText("")
		},
		"a transform that selects what is signed": func(doc *etree.Document) {
			signature := a.sign(assertionOf(doc))
			signature.FindElement(".//Transforms").CreateElement("ds:Transform").CreateAttr("Algorithm", "http://www.w3.org/TR/1999/REC-xpath-19991116")
			a.resign(signature)
		},
		"a style sheet": func(doc *etree.Document) {
			signature := a.sign(assertionOf(doc))
			signature.FindElement(".//Transforms").CreateElement("ds:Transform").CreateAttr("Algorithm", "http://www.w3.org/TR/1999/REC-xslt-19991116")
			a.resign(signature)
		},
		"a reference to a document elsewhere": func(doc *etree.Document) {
			signature := a.sign(assertionOf(doc))
			signature.FindElement(".//Reference").CreateAttr("URI", "http://169.254.169.254/latest/meta-data/")
			a.resign(signature)
		},
		"a reference to another element": func(doc *etree.Document) {
			signature := a.sign(assertionOf(doc))
			signature.FindElement(".//Reference").CreateAttr("URI", "#_r")
			a.resign(signature)
		},
		"two lists of what is signed": func(doc *etree.Document) {
			signature := a.sign(assertionOf(doc))
			doc.FindElement("//NameID").SetText("admin")
			signature.InsertChildAt(0, signature.SelectElement("SignedInfo").Copy())
		},
		"a signature outside of what it signs": func(doc *etree.Document) {
			signature := a.sign(assertionOf(doc))
			assertionOf(doc).RemoveChild(signature)
			doc.Root().InsertChildAt(1, signature)
		},
	} {
		doc := a.plain()
		forge(doc)
		if account, _, err := a.reader().Account(encode(t, doc)); err == nil {
			t.Errorf("%s: %+v", name, account)
		}
	}
	doc := a.plain()
	a.resign(a.sign(assertionOf(doc)))
	if _, _, err := a.reader().Account(encode(t, doc)); err != nil {
		t.Errorf("signed again: %v", err)
	}
}

// TestDocumentsThatAreNoResponses tries documents that are dangerous to read.
func TestDocumentsThatAreNoResponses(t *testing.T) {
	t.Parallel()
	a := newAuthority(t)
	doc := a.plain()
	a.sign(assertionOf(doc))
	good, err := doc.WriteToString()
	must(t, err)
	name := func(with string) string { return strings.Replace(good, ">ann<", ">"+with+"<", 1) }
	var bomb strings.Builder
	bomb.WriteString(`<!DOCTYPE x [<!ENTITY e0 "ha">`)
	for i := range 9 {
		bomb.WriteString(`<!ENTITY e` + string(rune('1'+i)) + ` "` + strings.Repeat(`&e`+string(rune('0'+i))+`;`, 10) + `">`)
	}
	bomb.WriteString("]>")
	for what, c := range map[string]struct{ document, want string }{
		"XXE, a file":                        {`<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>` + name("&e;"), "document type"},
		"XXE, a server":                      {`<!DOCTYPE x SYSTEM "http://169.254.169.254/x.dtd">` + good, "document type"},
		"XXE, a parameter entity":            {`<!DOCTYPE x [<!ENTITY % e SYSTEM "http://127.0.0.1/x.dtd"> %e;]>` + good, "document type"},
		"an entity bomb":                     {bomb.String() + name("&e9;"), "document type"},
		"an entity without a declaration":    {name("&e;"), "no XML"},
		"a document type inside":             {strings.Replace(good, "<samlp:Status>", `<!DOCTYPE x><samlp:Status>`, 1), "document type"},
		"a comment inside NameID":            {name("ann<!---->.evil"), "comment"},
		"an instruction inside NameID":       {name("ann<?x?>.evil"), "processing instruction"},
		"a comment before the response":      {"<!---->" + good, "comment"},
		"an encoding that hides what it has": {`<?xml version="1.0" encoding="utf-7"?>` + good, "no XML"},
		"UTF-16":                             {"\xfe\xff\x00<\x00x\x00>", "no XML"},
		"an attribute twice":                 {strings.Replace(good, `ID="_r"`, `ID="_r" Destination="https://other.example.com/"`, 1), "attribute"},
		"an id twice":                        {strings.Replace(good, "<samlp:Status>", `<samlp:Extensions ID="_a"/><samlp:Status>`, 1), "two elements have the id"},
		"two roots":                          {good + good, ""},
		"something behind":                   {good + "<x/>", ""},
		"nothing":                            {"", ""},
		"another root":                       {strings.ReplaceAll(good, "samlp:Response", "samlp:ArtifactResponse"), "no Response"},
		"another namespace":                  {strings.ReplaceAll(good, "SAML:2.0:protocol", "SAML:1.0:protocol"), "no Response"},
		"deep nesting":                       {strings.Repeat("<a>", 20_000), ""},
		"too long":                           {good + strings.Repeat(" ", federate.MaxSAMLResponse), "too long"},
	} {
		account, _, err := a.reader().Account(base64.StdEncoding.EncodeToString([]byte(c.document)))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %+v, %v, want %q", what, account, err, c.want)
		}
	}
}

// TestEncryptionIsNoOracle holds that whoever tries changed ciphertexts learns nothing about what is inside: all that goes wrong before the
// signature inside holds has one answer (Jager and Somorovsky, "How to Break XML Encryption", 2011).
func TestEncryptionIsNoOracle(t *testing.T) {
	t.Parallel()
	a, us := newAuthority(t), newAuthority(t)
	reader := a.reader()
	reader.Decrypter = us.key
	texts := map[string]bool{}
	for name, change := range map[string]func(doc *etree.Document){
		"another ciphertext": func(doc *etree.Document) {
			a.sign(assertionOf(doc))
			value := encrypt(t, doc, us.certificate).FindElement("./EncryptedData/CipherData/CipherValue")
			content, err := base64.StdEncoding.DecodeString(value.Text())
			must(t, err)
			content[len(content)-1] ^= 1
			value.SetText(base64.StdEncoding.EncodeToString(content))
		},
		"another key": func(doc *etree.Document) {
			a.sign(assertionOf(doc))
			encrypt(t, doc, newAuthority(t).certificate)
		},
		"no ciphertext, but an address": func(doc *etree.Document) {
			a.sign(assertionOf(doc))
			data := encrypt(t, doc, us.certificate).FindElement("./EncryptedData/CipherData")
			data.RemoveChild(data.SelectElement("CipherValue"))
			data.CreateElement("xenc:CipherReference").CreateAttr("URI", "http://169.254.169.254/")
		},
		"no signature inside": func(doc *etree.Document) { encrypt(t, doc, us.certificate) },
		"the signature of another inside": func(doc *etree.Document) {
			us.sign(assertionOf(doc))
			encrypt(t, doc, us.certificate)
		},
		"no assertion inside": func(doc *etree.Document) {
			assertionOf(doc).Space = "samlp"
			encrypt(t, doc, us.certificate)
		},
	} {
		doc := a.plain()
		change(doc)
		account, _, err := reader.Account(encode(t, doc))
		if err == nil {
			t.Errorf("%s: %+v", name, account)
			continue
		}
		if no := new(federate.Refusal); errors.As(err, &no) {
			texts[no.Text] = true
		}
	}
	if len(texts) != 1 {
		t.Errorf("the answers are %v", texts)
	}
	for name, signed := range map[string]func(doc *etree.Document){
		"signed inside": func(doc *etree.Document) { a.sign(assertionOf(doc)); encrypt(t, doc, us.certificate) },
		"signed around": func(doc *etree.Document) { encrypt(t, doc, us.certificate); a.sign(doc.Root()) },
		"signed inside and around": func(doc *etree.Document) {
			a.sign(assertionOf(doc))
			encrypt(t, doc, us.certificate)
			a.sign(doc.Root())
		},
	} {
		doc := a.plain()
		signed(doc)
		if account, _, err := reader.Account(encode(t, doc)); err != nil || account.Subject != "ann" {
			t.Errorf("%s: %+v, %v", name, account, err)
		}
	}
}

func TestAnUnaskedResponseIsNew(t *testing.T) {
	t.Parallel()
	a := newAuthority(t)
	reader := a.reader()
	reader.Request = ""
	doc := a.plain()
	doc.Root().RemoveAttr("InResponseTo")
	doc.FindElement("//SubjectConfirmationData").RemoveAttr("InResponseTo")
	for _, path := range []string{"//Conditions", "//SubjectConfirmationData"} {
		doc.FindElement(path).CreateAttr("NotOnOrAfter", "2026-03-01T13:00:00Z")
	}
	a.sign(assertionOf(doc))
	for late, passes := range map[time.Duration]bool{0: true, 5 * time.Minute: true, 6 * time.Minute: false, -2 * time.Minute: false} {
		reader.Now = now.Add(late)
		if _, _, err := reader.Account(encode(t, doc)); (err == nil) != passes {
			t.Errorf("%s late: %v", late, err)
		}
	}
	reader.Now = now
	if _, _, err := reader.Account(encode(t, func() *etree.Document { d := a.plain(); a.sign(assertionOf(d)); return d }())); err == nil {
		t.Error("an answer to a request passes as one that nobody asked for")
	}
}
