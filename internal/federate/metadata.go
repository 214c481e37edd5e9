package federate

import (
	"bytes"
	"crypto/x509"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
)

// Metadata is what the metadata document of a SAML provider says (SAML 2.0 Metadata, section 2.4.3).
type Metadata struct {
	EntityID     string
	SSORedirect  string // address of the sign-on service for the HTTP-Redirect binding; "" for none
	SSOPost      string // the same for HTTP-POST
	SLORedirect  string // address of the logout service
	SLOPost      string
	Certificates []*x509.Certificate // that sign responses; at least one
}

const (
	bindingRedirect = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
	bindingPost     = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
)

type endpoint struct {
	Binding  string `xml:"Binding,attr"`
	Location string `xml:"Location,attr"`
}

type entity struct {
	XMLName  xml.Name `xml:"urn:oasis:names:tc:SAML:2.0:metadata EntityDescriptor"`
	EntityID string   `xml:"entityID,attr"`
	Roles    []struct {
		SignOn []endpoint `xml:"urn:oasis:names:tc:SAML:2.0:metadata SingleSignOnService"`
		Logout []endpoint `xml:"urn:oasis:names:tc:SAML:2.0:metadata SingleLogoutService"`
		Keys   []struct {
			Use          string   `xml:"use,attr"`
			Certificates []string `xml:"http://www.w3.org/2000/09/xmldsig# KeyInfo>X509Data>X509Certificate"`
		} `xml:"urn:oasis:names:tc:SAML:2.0:metadata KeyDescriptor"`
	} `xml:"urn:oasis:names:tc:SAML:2.0:metadata IDPSSODescriptor"`
}

type entities struct {
	XMLName  xml.Name   `xml:"urn:oasis:names:tc:SAML:2.0:metadata EntitiesDescriptor"`
	Entities []entity   `xml:"urn:oasis:names:tc:SAML:2.0:metadata EntityDescriptor"`
	Groups   []entities `xml:"urn:oasis:names:tc:SAML:2.0:metadata EntitiesDescriptor"`
}

// providers lists the entities that are identity providers.
func (es entities) providers() (found []entity) {
	for _, e := range es.Entities {
		if len(e.Roles) > 0 {
			found = append(found, e)
		}
	}
	for _, g := range es.Groups {
		found = append(found, g.providers()...)
	}
	return found
}

// ParseMetadata reads a metadata document that has one identity provider with a sign-on service and a certificate. It refuses a document
// type declaration, which has no place in metadata and is the way to attacks by entities. Its errors tell what is wrong, in words for the
// operator.
func ParseMetadata(document []byte) (*Metadata, error) {
	root, err := rootOf(document)
	if err != nil {
		return nil, err
	}
	var all entities
	switch root {
	case "EntityDescriptor":
		all.Entities = make([]entity, 1)
		err = xml.Unmarshal(document, &all.Entities[0])
	case "EntitiesDescriptor":
		err = xml.Unmarshal(document, &all)
	default:
		err = fmt.Errorf("the root element %s is no EntityDescriptor", root)
	}
	if err != nil {
		return nil, err
	}
	found := all.providers()
	switch {
	case len(found) == 0:
		return nil, errors.New("it has no IDPSSODescriptor")
	case len(found) > 1:
		return nil, errors.New("it has more than one identity provider")
	case found[0].EntityID == "":
		return nil, errors.New("the EntityDescriptor has no entityID")
	}
	return found[0].read()
}

// rootOf reads the document to its end and returns the name of its root element.
func rootOf(document []byte) (root string, err error) {
	d := xml.NewDecoder(bytes.NewReader(document))
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			if root == "" {
				return "", errors.New("it is no XML document")
			}
			return root, nil
		}
		if err != nil {
			return "", err
		}
		switch token := token.(type) {
		case xml.Directive:
			return "", errors.New("a document type declaration is not allowed")
		case xml.StartElement:
			if root == "" {
				root = token.Name.Local
			}
		}
	}
}

func (e entity) read() (*Metadata, error) {
	m := &Metadata{EntityID: e.EntityID}
	for _, role := range e.Roles {
		for _, s := range role.SignOn {
			m.take(s, &m.SSORedirect, &m.SSOPost)
		}
		for _, s := range role.Logout {
			m.take(s, &m.SLORedirect, &m.SLOPost)
		}
		for _, key := range role.Keys {
			if key.Use != "" && key.Use != "signing" {
				continue
			}
			for _, text := range key.Certificates {
				c, err := parseCertificate(text)
				if err != nil {
					return nil, err
				}
				m.Certificates = append(m.Certificates, c)
			}
		}
	}
	switch {
	case m.SSORedirect == "" && m.SSOPost == "":
		return nil, errors.New("it has no SingleSignOnService for HTTP-Redirect or HTTP-POST")
	case len(m.Certificates) == 0:
		return nil, errors.New("it has no certificate for signing")
	}
	for _, address := range []string{m.SSORedirect, m.SSOPost, m.SLORedirect, m.SLOPost} {
		u, err := url.Parse(address)
		if address != "" && (err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "") {
			return nil, errors.New("the Location of a service is no web address")
		}
	}
	return m, nil
}

// take notes the first address for each binding.
func (m *Metadata) take(s endpoint, redirect, post *string) {
	switch {
	case s.Binding == bindingRedirect && *redirect == "":
		*redirect = s.Location
	case s.Binding == bindingPost && *post == "":
		*post = s.Location
	}
}

func parseCertificate(text string) (*x509.Certificate, error) {
	der, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(text), ""))
	if err != nil {
		return nil, errors.New("a certificate is not base64")
	}
	c, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, errors.New("a certificate cannot be read")
	}
	return c, nil
}
