package standin

import (
	"bytes"
	"compress/flate"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"text/template"
	"time"

	"github.com/beevik/etree"
	dsig "github.com/russellhaering/goxmldsig"

	"github.com/cenote-id/cenote/internal/wire"
)

// The faults of SAML, beside those that it shares.
const (
	UnsignedAssertion Fault = "unsigned_assertion" // nothing is signed
	OtherRecipient    Fault = "other_recipient"    // the assertion was made for another address
	OtherRequest      Fault = "other_request"      // for another request
)

var samlFaults = []Fault{Denied, BadSignature, RetiredKey, UnsignedAssertion, OtherIssuer, OtherAudience, OtherRecipient, OtherRequest, Expired, Early, NoSubject}

func (p *Provider) entity() string { return p.base + "/saml/metadata" }

func (p *Provider) metadata(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	logout := p.services("SingleLogoutService", "slo", q.Get("slo"))
	signOn := p.services("SingleSignOnService", "sso", q.Get("sso"))
	w.Header().Set("Content-Type", "application/samlmetadata+xml")
	_, _ = fmt.Fprintf(w, `<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" xmlns:ds="http://www.w3.org/2000/09/xmldsig#" entityID="%[1]s">`+
		`<md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">`+
		`<md:KeyDescriptor use="signing"><ds:KeyInfo><ds:X509Data><ds:X509Certificate>%[2]s</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>`+
		`%[3]s%[4]s</md:IDPSSODescriptor></md:EntityDescriptor>`, p.entity(), base64.StdEncoding.EncodeToString(p.keys.present().certificate), logout, signOn)
}

// services describes a service for the bindings that it is offered for: "post" for HTTP-POST alone, anything else for HTTP-Redirect, too.
func (p *Provider) services(element, path, bindings string) string {
	post := fmt.Sprintf(`<md:%s Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="%s/saml/%s"/>`, element, p.base, path)
	if bindings == "post" {
		return post
	}
	return strings.Replace(post, "HTTP-POST", "HTTP-Redirect", 1) + post
}

// signOn asks who wants to sign in, and sends the person back with a response.
func (p *Provider) signOn(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		answer(w, http.StatusBadRequest, map[string]string{"error": "the form cannot be read"})
		return
	}
	q := r.Form
	request := struct {
		ID       string `xml:"ID,attr"`
		Consumer string `xml:"AssertionConsumerServiceURL,attr"`
		Issuer   string `xml:"Issuer"`
	}{Consumer: q.Get("acs"), Issuer: q.Get("audience")}
	if q.Has("SAMLRequest") {
		if err := readRequest(q.Get("SAMLRequest"), &request); err != nil {
			answer(w, http.StatusBadRequest, map[string]string{"error": "the SAMLRequest cannot be read"})
			return
		}
	}
	if to, err := url.Parse(request.Consumer); err != nil || to.Host == "" {
		answer(w, http.StatusBadRequest, map[string]string{"error": "there is no address for the response"})
		return
	}
	if !q.Has("person") {
		p.choose(w, "saml", q, p.everybody(), samlFaults)
		return
	}
	response, err := p.Response(p.person(q.Get("person")), Fault(q.Get("fault")), request.Consumer, request.Issuer, request.ID)
	if err != nil {
		answer(w, http.StatusInternalServerError, map[string]string{"error": err.Error()})
		return
	}
	post(w, request.Consumer, url.Values{"SAMLResponse": {response}, "RelayState": {q.Get("RelayState")}})
}

// readRequest reads the SAMLRequest of either binding: HTTP-Redirect packs it.
func readRequest(encoded string, into any) error {
	document, err := base64.StdEncoding.DecodeString(encoded)
	if err == nil && !bytes.HasPrefix(document, []byte("<")) {
		document, err = io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(document)), 1<<16))
	}
	if err != nil {
		return err
	}
	return xml.Unmarshal(document, into)
}

const responseXML = `<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="{{.ID}}r" Version="2.0" ` +
	`IssueInstant="{{.Now}}" Destination="{{x .Consumer}}"{{if .Request}} InResponseTo="{{x .Request}}"{{end}}><saml:Issuer>{{x .Issuer}}</saml:Issuer>` +
	`<samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:{{.Status}}"/></samlp:Status></samlp:Response>`

const assertionXML = `<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="{{.ID}}" Version="2.0" IssueInstant="{{.Now}}"><saml:Issuer>{{x .Issuer}}</saml:Issuer>` +
	`<saml:Subject>{{if .Subject}}<saml:NameID>{{x .Subject}}</saml:NameID>{{end}}<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer">` +
	`<saml:SubjectConfirmationData Recipient="{{x .Recipient}}" NotOnOrAfter="{{.Until}}"{{if .Request}} InResponseTo="{{x .Request}}"{{end}}/>` +
	`</saml:SubjectConfirmation></saml:Subject><saml:Conditions NotBefore="{{.From}}" NotOnOrAfter="{{.Until}}"><saml:AudienceRestriction><saml:Audience>{{x .Audience}}</saml:Audience>` +
	`</saml:AudienceRestriction></saml:Conditions><saml:AuthnStatement AuthnInstant="{{.Now}}" SessionIndex="{{.ID}}"><saml:AuthnContext>` +
	`<saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:Password</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement>` +
	`<saml:AttributeStatement>{{range .Attributes}}<saml:Attribute Name="{{x .Name}}">{{range .Values}}<saml:AttributeValue>{{x .}}</saml:AttributeValue>{{end}}` +
	`</saml:Attribute>{{end}}</saml:AttributeStatement></saml:Assertion>`

func escape(text string) (string, error) {
	var b strings.Builder
	err := xml.EscapeText(&b, []byte(text))
	return b.String(), err
}

type samlAttribute struct {
	Name   string
	Values []string
}

// Response returns a response about the person, encoded, for a service provider with the name and the address. Its assertion is signed. A
// request that it answers is named by its id; empty for none.
func (p *Provider) Response(who Person, fault Fault, consumer, entity, request string) (string, error) {
	now := p.now().UTC()
	view := struct {
		ID, Now, From, Until, Consumer, Recipient, Request, Issuer, Audience, Subject, Status string
		Attributes                                                                            []samlAttribute
	}{
		ID: "_" + rand.Text(), Now: now.Format(time.RFC3339), From: now.Format(time.RFC3339), Until: now.Add(5 * time.Minute).Format(time.RFC3339), Consumer: consumer, Recipient: consumer,
		Request: request, Issuer: p.entity(), Audience: entity, Subject: who.subject(), Status: "Success",
	}
	for _, name := range slices.Sorted(maps.Keys(who)) {
		view.Attributes = append(view.Attributes, samlAttribute{name, values(who[name])})
	}
	key := p.keys.present()
	switch fault { //nolint:exhaustive // the others are faults elsewhere
	case Denied:
		view.Status = "Responder"
	case BadSignature:
		key = stranger(key)
	case OtherIssuer:
		view.Issuer = "https://other.example.com"
	case OtherAudience:
		view.Audience = "urn:another"
	case OtherRecipient:
		view.Recipient = "https://other.example.com/acs"
	case OtherRequest:
		view.Request = "_another"
	case RetiredKey:
		key = p.keys.first()
	case Early:
		view.From = now.Add(time.Hour).Format(time.RFC3339)
	case Expired:
		view.Until = now.Add(-time.Hour).Format(time.RFC3339)
	case NoSubject:
		view.Subject = ""
	}
	response, err := element(responseXML, view)
	if err != nil {
		return "", err
	}
	assertion, err := element(assertionXML, view)
	if err != nil {
		return "", err
	}
	p.mu.Lock()
	p.sessions[view.ID] = samlSession{person: who, consumer: consumer}
	p.mu.Unlock()
	if fault != UnsignedAssertion {
		if assertion, err = sign(key, assertion); err != nil {
			return "", err
		}
	}
	if assertion, err = p.encrypted(entity, assertion); err != nil {
		return "", err
	}
	response.AddChild(assertion)
	return encoded(response)
}

// encoded returns a document as a form carries it.
func encoded(root *etree.Element) (string, error) {
	doc := etree.NewDocument()
	doc.SetRoot(root)
	document, err := doc.WriteToBytes()
	return base64.StdEncoding.EncodeToString(document), err
}

// values returns a claim as the values of an attribute: those of a list one by one, and what is no text as it is written.
func values(claim any) []string {
	document, ok := claim.(json.RawMessage)
	if !ok {
		return []string{fmt.Sprint(claim)}
	}
	var several []json.RawMessage
	if wire.Unmarshal(document, &several) != nil {
		return []string{string(document)}
	}
	var all []string
	for _, one := range several {
		var text string
		if wire.Unmarshal(one, &text) != nil {
			text = string(one)
		}
		all = append(all, text)
	}
	return all
}

// element fills in a template.
func element(text string, view any) (*etree.Element, error) {
	t, err := template.New("").Funcs(template.FuncMap{"x": escape}).Parse(text)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := t.Execute(&b, view); err != nil {
		return nil, err
	}
	doc := etree.NewDocument()
	err = doc.ReadFromBytes(b.Bytes())
	return doc.Root(), err
}

// sign returns the element with a signature of its own, behind the issuer as the schema wants it.
func sign(key signingKey, e *etree.Element) (*etree.Element, error) {
	context, err := dsig.NewSigningContext(key.private, [][]byte{key.certificate})
	if err != nil {
		return nil, err
	}
	context.IdAttribute = "ID"
	context.Canonicalizer = dsig.MakeC14N10ExclusiveCanonicalizerWithPrefixList("")
	signature, err := context.ConstructSignature(e, true)
	if err != nil {
		return nil, err
	}
	signed := e.Copy()
	signed.InsertChildAt(1, signature)
	return signed, nil
}
