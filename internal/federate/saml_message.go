package federate

import (
	"bytes"
	"crypto/x509"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/beevik/etree"
	dsig "github.com/russellhaering/goxmldsig"
	"github.com/russellhaering/goxmldsig/etreeutils"
)

// readMessage reads an encoded protocol message with the name.
func readMessage(encoded, name string) (*etree.Element, error) {
	if len(encoded) > MaxSAMLResponse {
		return nil, invalid("it is too long")
	}
	document, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(encoded), ""))
	if err != nil {
		return nil, invalid("it is not base64")
	}
	root, err := readXML(document)
	if err != nil {
		return nil, err
	}
	if root.Tag != name || root.NamespaceURI() != nsProtocol {
		return nil, invalid("the root element is no %s", name)
	}
	return root, nil
}

// readXML parses a document that has one root, no document type, no comments and no processing instructions inside, no two elements with the
// same id and no attribute twice: none of them has a place in a response, and each is the way to an attack.
func readXML(document []byte) (*etree.Element, error) {
	d := xml.NewDecoder(bytes.NewReader(document))
	roots, depth, ids := 0, 0, map[string]bool{}
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, invalid("it is no XML: %w", err)
		}
		switch token := token.(type) {
		case xml.Directive:
			return nil, invalid("it has a document type declaration")
		case xml.Comment:
			return nil, invalid("it has a comment")
		case xml.ProcInst:
			if roots > 0 {
				return nil, invalid("it has a processing instruction")
			}
		case xml.StartElement:
			if depth++; depth == 1 {
				roots++
			}
			names := map[xml.Name]bool{}
			for _, a := range token.Attr {
				if names[a.Name] {
					return nil, invalid("an element has the attribute %s twice", a.Name.Local)
				}
				names[a.Name] = true
				if strings.EqualFold(a.Name.Local, "ID") && a.Name.Space != "xmlns" {
					if ids[a.Value] {
						return nil, invalid("two elements have the id %q", a.Value)
					}
					ids[a.Value] = true
				}
			}
		case xml.EndElement:
			depth--
		}
	}
	if roots != 1 {
		return nil, invalid("it has %d root elements", roots)
	}
	doc := etree.NewDocument()
	if err := doc.ReadFromBytes(document); err != nil || doc.Root() == nil {
		return nil, invalid("it is no XML document")
	}
	return doc.Root(), nil
}

func children(e *etree.Element, namespace, tag string) (found []*etree.Element) {
	for _, c := range e.ChildElements() {
		if c.Tag == tag && c.NamespaceURI() == namespace {
			found = append(found, c)
		}
	}
	return found
}

// child returns the first child element with the name; nil when there is none.
func child(e *etree.Element, namespace, tag string) *etree.Element {
	if all := children(e, namespace, tag); len(all) > 0 {
		return all[0]
	}
	return nil
}

// strong are the algorithms of signatures and digests that count. SHA-1 is not among them.
var strong = []string{
	rsaSHA256, "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384", "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512",
	"http://www.w3.org/2001/04/xmlenc#sha256", "http://www.w3.org/2001/04/xmldsig-more#sha384", "http://www.w3.org/2001/04/xmlenc#sha512",
}

// verified checks the provider's signature of an element, which is its child, and returns what the signature covers: a copy of the element, and
// nothing else.
func (m *Metadata) verified(e *etree.Element) (*etree.Element, error) {
	if len(children(e, nsSignature, "Signature")) != 1 {
		return nil, errSignature
	}
	context, err := etreeutils.NSBuildParentContext(e)
	if err != nil {
		return nil, errSignature
	}
	if e, err = etreeutils.NSDetatch(context, e); err != nil {
		return nil, errSignature
	}
	signature := child(e, nsSignature, "Signature")
	for _, method := range slices.Concat(signature.FindElements(".//SignatureMethod"), signature.FindElements(".//DigestMethod")) {
		if !slices.Contains(strong, method.SelectAttrValue("Algorithm", "")) {
			return nil, errSignature
		}
	}
	if info := child(signature, nsSignature, "KeyInfo"); info != nil {
		signature.RemoveChild(info) // which key counts is said by the metadata, not by the response
	}
	for _, certificate := range m.Certificates {
		v := dsig.NewDefaultValidationContext(&dsig.MemoryX509CertificateStore{Roots: []*x509.Certificate{certificate}})
		v.IdAttribute = "ID"
		v.Clock = dsig.NewFakeClockAt(certificate.NotBefore) // the metadata vouches for it as long as it lists it
		if covered, err := v.Validate(e.Copy()); err == nil {
			return covered, nil
		}
	}
	return nil, errSignature
}
