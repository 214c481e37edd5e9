package federate

import (
	"crypto/rsa"
	"encoding/xml"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/beevik/etree"
	"github.com/russellhaering/goxmldsig/etreeutils"
)

// SAMLResponse is what is known about a response before it is read.
type SAMLResponse struct {
	Metadata  *Metadata
	Audiences []string        // it must be for one of them
	Consumers []string        // where it may have been sent to: where it was received
	Request   string          // id of the request that it must answer; empty: it must answer none, and be new
	HandedOn  bool            // an application has received it: it must be new, and may answer whatever request
	Decrypter *rsa.PrivateKey // nil: assertions are not encrypted; else they must be
	Now       time.Time
}

// Assertion is what a response that holds says, beside the account.
type Assertion struct {
	ID      string
	Expires time.Time // from then on it would be refused
	Session SAMLSession

	Attributes map[string][]string // with all their values; Claims have several as one
}

const (
	// MaxSAMLResponse is how long an encoded response may be (documented).
	MaxSAMLResponse = 100_000
	// unsolicitedAge is how old a response may be that answers no request (documented).
	unsolicitedAge = 6 * time.Minute
	// skew is how far clocks may be apart.
	skew = time.Minute

	nsAssertion = "urn:oasis:names:tc:SAML:2.0:assertion"
	nsProtocol  = "urn:oasis:names:tc:SAML:2.0:protocol"
	nsSignature = "http://www.w3.org/2000/09/xmldsig#"

	statusSuccess = "urn:oasis:names:tc:SAML:2.0:status:Success"
	bearer        = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
)

var (
	errExpired  = errors.New("its time is over, or has not come")
	errAudience = errors.New("it is for another audience")
)

// The service's texts for a signature that does not hold, of the assertion and of the response around it, and for a response that is not
// encrypted as it was agreed (observed).
var (
	errSignature         = &Refusal{Text: "SAML Assertion signature is invalid."}
	errResponseSignature = &Refusal{Text: "SAML Response signature is invalid."}
	errNotEncrypted      = &Refusal{Text: "Responses must contain exactly one Encrypted Assertion"}
)

func invalid(format string, args ...any) error {
	return &Refusal{Text: "SAML Assertion is invalid.", cause: fmt.Errorf(format, args...)}
}

// Account reads a response and returns who it is about. What is not signed is not read: of the document, only the elements that a signature
// has been found to cover are looked at, so that others beside or around them mean nothing. Its error is a *Refusal.
func (s SAMLResponse) Account(encoded string) (*Account, *Assertion, error) {
	root, err := readMessage(encoded, "Response")
	if err != nil {
		return nil, nil, err
	}
	signed := child(root, nsSignature, "Signature") != nil
	if signed {
		if root, err = s.Metadata.verified(root); err != nil {
			return nil, nil, errResponseSignature
		}
	}
	if err := s.checkResponse(root); err != nil {
		return nil, nil, err
	}
	element, err := s.covered(root, signed)
	if err != nil {
		return nil, nil, err
	}
	return s.read(element)
}

// covered returns the one assertion of the response, as a signature covers it: that of the response around it, or its own. With encryption, all
// that goes wrong on the way has one answer: whoever sends changed ciphertexts would learn from different ones what is inside.
func (s SAMLResponse) covered(root *etree.Element, signed bool) (*etree.Element, error) {
	element, err := s.assertion(root)
	switch {
	case err != nil:
	case child(element, nsSignature, "Signature") != nil:
		element, err = s.Metadata.verified(element)
	case !signed:
		err = errSignature
	}
	if err != nil && s.Decrypter != nil && err != errNotEncrypted { //nolint:errorlint // the value itself: nothing has been decrypted yet
		return nil, invalid("%w", err)
	}
	return element, err
}

// checkResponse checks what is around the assertion.
func (s SAMLResponse) checkResponse(root *etree.Element) error {
	if root.SelectAttrValue("Version", "") != "2.0" {
		return invalid("it is not version 2.0")
	}
	if to := root.SelectAttrValue("Destination", ""); to != "" && !slices.Contains(s.Consumers, to) {
		return invalid("the destination is %q", to)
	}
	if !s.HandedOn && root.SelectAttrValue("InResponseTo", "") != s.Request {
		return invalid("it answers another request")
	}
	if issuer := child(root, nsAssertion, "Issuer"); issuer != nil && strings.TrimSpace(issuer.Text()) != s.Metadata.EntityID {
		return invalid("the issuer is another")
	}
	return checkStatus(root)
}

// checkStatus refuses a message in which the provider says that it did not do what it was asked for.
func checkStatus(root *etree.Element) error {
	status := child(root, nsProtocol, "Status")
	if status == nil || child(status, nsProtocol, "StatusCode") == nil {
		return invalid("it has no status")
	}
	if code := child(status, nsProtocol, "StatusCode").SelectAttrValue("Value", ""); code != statusSuccess {
		return &Refusal{Text: "Status code is not success: " + Cut(code, MaxTold)}
	}
	return nil
}

// assertion returns the one assertion of the response, decrypted.
func (s SAMLResponse) assertion(root *etree.Element) (*etree.Element, error) {
	plain, encrypted := children(root, nsAssertion, "Assertion"), children(root, nsAssertion, "EncryptedAssertion")
	switch {
	case s.Decrypter != nil && (len(encrypted) != 1 || len(plain) > 0):
		return nil, errNotEncrypted
	case len(plain)+len(encrypted) != 1:
		return nil, invalid("it has %d assertions", len(plain)+len(encrypted))
	case s.Decrypter == nil && len(encrypted) == 1:
		return nil, invalid("the assertion is encrypted, which was not agreed")
	}
	if len(plain) == 1 {
		return plain[0], nil
	}
	document, err := decrypt(s.Decrypter, encrypted[0])
	if err != nil {
		return nil, invalid("it cannot be decrypted: %w", err)
	}
	e, err := readXML(document)
	if err != nil {
		return nil, err
	}
	if e.Tag != "Assertion" || e.NamespaceURI() != nsAssertion {
		return nil, invalid("what is encrypted is no assertion")
	}
	return e, nil
}

// assertion is the content of an assertion.
type assertion struct {
	ID      string    `xml:",attr"`
	Version string    `xml:",attr"`
	Instant time.Time `xml:"IssueInstant,attr"`
	Issuer  string    `xml:"urn:oasis:names:tc:SAML:2.0:assertion Issuer"`
	Subject struct {
		NameID        NameID `xml:"urn:oasis:names:tc:SAML:2.0:assertion NameID"`
		Confirmations []struct {
			Method string `xml:",attr"`
			Data   struct {
				Recipient    string    `xml:",attr"`
				InResponseTo string    `xml:",attr"`
				NotBefore    time.Time `xml:",attr"`
				NotOnOrAfter time.Time `xml:",attr"`
			} `xml:"urn:oasis:names:tc:SAML:2.0:assertion SubjectConfirmationData"`
		} `xml:"urn:oasis:names:tc:SAML:2.0:assertion SubjectConfirmation"`
	} `xml:"urn:oasis:names:tc:SAML:2.0:assertion Subject"`
	Conditions struct {
		NotBefore    time.Time `xml:",attr"`
		NotOnOrAfter time.Time `xml:",attr"`
		Restrictions []struct {
			Audiences []string `xml:"urn:oasis:names:tc:SAML:2.0:assertion Audience"`
		} `xml:"urn:oasis:names:tc:SAML:2.0:assertion AudienceRestriction"`
	} `xml:"urn:oasis:names:tc:SAML:2.0:assertion Conditions"`
	Statements []struct {
		SessionIndex string `xml:",attr"`
	} `xml:"urn:oasis:names:tc:SAML:2.0:assertion AuthnStatement"`
	Attributes []struct {
		Name   string           `xml:",attr"`
		Values []attributeValue `xml:"urn:oasis:names:tc:SAML:2.0:assertion AttributeValue"`
	} `xml:"urn:oasis:names:tc:SAML:2.0:assertion AttributeStatement>Attribute"`
}

// attributeValue is a text or, as of eduPersonTargetedID, a NameID.
type attributeValue struct {
	Text   string `xml:",chardata"`
	NameID string `xml:"urn:oasis:names:tc:SAML:2.0:assertion NameID"`
}

func (v attributeValue) text() string {
	if v.NameID != "" && strings.TrimSpace(v.Text) == "" {
		return v.NameID
	}
	return v.Text
}

// read reads an assertion that a signature covers.
func (s SAMLResponse) read(e *etree.Element) (*Account, *Assertion, error) {
	context, err := etreeutils.NSBuildParentContext(e)
	if err != nil {
		return nil, nil, invalid("%w", err)
	}
	if e, err = etreeutils.NSDetatch(context, e); err != nil {
		return nil, nil, invalid("%w", err)
	}
	for _, name := range e.FindElements("./Subject/NameID") {
		if len(name.ChildElements()) > 0 { // readers differ in which part of the text they take
			return nil, nil, invalid("the NameID has elements inside")
		}
	}
	doc := etree.NewDocument()
	doc.SetRoot(e)
	document, err := doc.WriteToBytes()
	if err != nil {
		return nil, nil, err
	}
	var a assertion
	if err := xml.Unmarshal(document, &a); err != nil {
		return nil, nil, invalid("%w", err)
	}
	expires, err := s.check(a)
	if err != nil {
		return nil, nil, err
	}
	claims, attributes := Claims{}, map[string][]string{}
	for _, attribute := range a.Attributes { // one may come in several parts
		values := attributes[attribute.Name]
		for _, v := range attribute.Values {
			values = append(values, v.text())
		}
		attributes[attribute.Name] = values
	}
	for name, values := range attributes {
		switch len(values) {
		case 0:
			claims[name] = ""
		case 1:
			claims[name] = values[0]
		default:
			claims[name] = listed(values)
		}
	}
	account := &Account{Subject: strings.TrimSpace(a.Subject.NameID.Value), Issuer: s.Metadata.EntityID, Claims: claims, Told: Told{SAML: claims}}
	session := SAMLSession{Name: a.Subject.NameID, Index: a.Statements[0].SessionIndex} // that of the first statement (documented)
	return account, &Assertion{ID: a.ID, Expires: expires, Session: session, Attributes: attributes}, nil
}

// check checks whether the assertion holds here and now (SAML 2.0 Profiles, section 4.1.4.3), and returns until when.
func (s SAMLResponse) check(a assertion) (expires time.Time, err error) {
	c := a.Conditions
	switch {
	case a.Version != "2.0", a.ID == "":
		return expires, invalid("it has no id, or not version 2.0")
	case strings.TrimSpace(a.Issuer) != s.Metadata.EntityID:
		return expires, invalid("the issuer is another")
	case strings.TrimSpace(a.Subject.NameID.Value) == "":
		return expires, &Refusal{Text: "username attribute mapping required", cause: errors.New("there is no NameID")}
	case len(a.Statements) == 0:
		return expires, invalid("nobody has signed in")
	case s.Now.Add(skew).Before(c.NotBefore), !c.NotOnOrAfter.IsZero() && !s.Now.Add(-skew).Before(c.NotOnOrAfter):
		return expires, invalid("%w", errExpired)
	case s.Request == "" && (s.Now.Sub(a.Instant) >= unsolicitedAge || a.Instant.Sub(s.Now) > skew):
		return expires, invalid("%w to answer no request", errExpired)
	case len(c.Restrictions) == 0:
		return expires, invalid("it is for anybody")
	}
	for _, r := range c.Restrictions { // each must hold (SAML 2.0 Core, section 2.5.1.4)
		if !slices.ContainsFunc(r.Audiences, func(one string) bool { return slices.Contains(s.Audiences, strings.TrimSpace(one)) }) {
			return expires, invalid("%w", errAudience)
		}
	}
	for _, one := range a.Subject.Confirmations {
		d := one.Data
		if one.Method == bearer && slices.Contains(s.Consumers, d.Recipient) && (s.HandedOn || d.InResponseTo == s.Request) && !d.NotOnOrAfter.IsZero() && d.NotBefore.IsZero() &&
			s.Now.Add(-skew).Before(d.NotOnOrAfter) {
			return d.NotOnOrAfter.Add(skew), nil
		}
	}
	return expires, invalid("the subject is not confirmed for this request")
}
