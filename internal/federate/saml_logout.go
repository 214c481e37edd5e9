package federate

import (
	"encoding/xml"
	"strings"
	"time"

	"github.com/cenote-id/cenote/internal/pool"
)

// NameID is who an assertion is about, in the provider's words: it has to be told the same words when the session ends.
type NameID struct {
	Value           string `xml:",chardata"`
	Format          string `xml:",attr,omitempty" json:",omitempty"`
	NameQualifier   string `xml:",attr,omitempty" json:",omitempty"`
	SPNameQualifier string `xml:",attr,omitempty" json:",omitempty"`
	SPProvidedID    string `xml:",attr,omitempty" json:",omitempty"`
}

// SAMLSession is a session at a SAML provider.
type SAMLSession struct {
	Name  NameID
	Index string `json:",omitempty"` // of the session; empty: the provider gave it none
}

// LogoutRequest asks a SAML provider to end a session (SAML 2.0 Core, section 3.7.1).
type LogoutRequest struct {
	ID      string
	Entity  string
	Relay   string // comes back as it is
	Session SAMLSession
	Signer  *pool.SAMLKey // a request that is not signed would let anybody sign others out
	Now     time.Time
	Life    time.Duration // how long it is good for
}

type logoutRequest struct {
	XMLName     xml.Name `xml:"urn:oasis:names:tc:SAML:2.0:protocol LogoutRequest"`
	ID          string   `xml:",attr"`
	Version     string   `xml:",attr"`
	Instant     string   `xml:"IssueInstant,attr"`
	Destination string   `xml:",attr"`
	Until       string   `xml:"NotOnOrAfter,attr"`
	Issuer      struct {
		XMLName xml.Name `xml:"urn:oasis:names:tc:SAML:2.0:assertion Issuer"`
		Name    string   `xml:",chardata"`
	}
	Name struct {
		XMLName xml.Name `xml:"urn:oasis:names:tc:SAML:2.0:assertion NameID"`
		NameID
	}
	Index string `xml:"urn:oasis:names:tc:SAML:2.0:protocol SessionIndex,omitempty"`
}

// Leave returns how the browser takes the request to the provider: by the HTTP-Redirect binding, else by HTTP-POST; nil when the provider has
// no logout service for either.
func (q LogoutRequest) Leave(m *Metadata) (*Departure, error) {
	to := destination{redirect: m.SLORedirect, post: m.SLOPost}
	if to.address() == "" {
		return nil, nil
	}
	now := q.Now.UTC()
	r := logoutRequest{
		ID: q.ID, Version: "2.0", Instant: now.Format(time.RFC3339), Destination: to.address(), Until: now.Add(q.Life).Format(time.RFC3339), Index: q.Session.Index,
	}
	r.Issuer.Name, r.Name.NameID = q.Entity, q.Session.Name
	return to.departure(r, q.Relay, q.Signer)
}

// LogoutResponse is what is known about the answer to a LogoutRequest before it is read.
type LogoutResponse struct {
	Metadata *Metadata
	Consumer string // where it was received
	Request  string // id of the request that it must answer
}

// Check reports whether the provider says that it has ended the session. As of a sign-in, only what its signature covers is looked at. Its
// error is a *Refusal.
func (s LogoutResponse) Check(encoded string) error {
	root, err := readMessage(encoded, "LogoutResponse")
	if err != nil {
		return err
	}
	if root, err = s.Metadata.verified(root); err != nil {
		return err
	}
	issuer := child(root, nsAssertion, "Issuer")
	switch to := root.SelectAttrValue("Destination", ""); {
	case root.SelectAttrValue("Version", "") != "2.0":
		return invalid("it is not version 2.0")
	case to != "" && to != s.Consumer:
		return invalid("the destination is %q", to)
	case root.SelectAttrValue("InResponseTo", "") != s.Request:
		return invalid("it answers another request")
	case issuer == nil || strings.TrimSpace(issuer.Text()) != s.Metadata.EntityID:
		return invalid("the issuer is another")
	}
	return checkStatus(root)
}
