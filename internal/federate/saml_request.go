package federate

import (
	"encoding/xml"
	"time"

	"github.com/cenote-id/cenote/internal/pool"
)

// SAMLEntity is the name of a pool among SAML providers (documented).
func SAMLEntity(p *pool.Pool) string { return "urn:amazon:cognito:sp:" + p.ID }

type authnRequest struct {
	XMLName     xml.Name `xml:"urn:oasis:names:tc:SAML:2.0:protocol AuthnRequest"`
	ID          string   `xml:",attr"`
	Version     string   `xml:",attr"`
	Instant     string   `xml:"IssueInstant,attr"`
	Destination string   `xml:",attr"`
	Binding     string   `xml:"ProtocolBinding,attr"`
	Consumer    string   `xml:"AssertionConsumerServiceURL,attr"`
	Issuer      struct {
		XMLName xml.Name `xml:"urn:oasis:names:tc:SAML:2.0:assertion Issuer"`
		Name    string   `xml:",chardata"`
	}
}

// SAMLRequest asks a SAML provider to sign a person in.
type SAMLRequest struct {
	ID       string
	Entity   string
	Consumer string // where the response goes
	Relay    string // comes back as it is
	Signer   *pool.SAMLKey
	Now      time.Time
}

// Leave returns how the browser takes the request to the provider: by the HTTP-Redirect binding, else by HTTP-POST. Without a signer the
// request is not signed.
func (q SAMLRequest) Leave(m *Metadata) (*Departure, error) {
	to := destination{redirect: m.SSORedirect, post: m.SSOPost}
	r := authnRequest{
		ID: q.ID, Version: "2.0", Instant: q.Now.UTC().Format(time.RFC3339), Destination: to.address(), Binding: bindingPost, Consumer: q.Consumer,
	}
	r.Issuer.Name = q.Entity
	return to.departure(r, q.Relay, q.Signer)
}
