package federate

import (
	"bytes"
	"compress/flate"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/xml"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/cenote-id/cenote/internal/pool"
)

// SAMLEntity is the name of a pool among SAML providers (documented).
func SAMLEntity(p *pool.Pool) string { return "urn:amazon:cognito:sp:" + p.ID }

// rsaSHA256 is the only algorithm that requests are signed with.
const rsaSHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"

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
	Signer   *rsa.PrivateKey
	Now      time.Time
}

// Address returns where the browser goes with the request, by the HTTP-Redirect binding (SAML 2.0 Bindings, section 3.4). Without a signer the
// request is not signed.
func (q SAMLRequest) Address(m *Metadata) (string, error) {
	if m.SSORedirect == "" {
		return "", &Refusal{Text: "the provider has no sign-on service for HTTP-Redirect"}
	}
	r := authnRequest{
		ID: q.ID, Version: "2.0", Instant: q.Now.UTC().Format(time.RFC3339), Destination: m.SSORedirect, Binding: bindingPost, Consumer: q.Consumer,
	}
	r.Issuer.Name = q.Entity
	return redirected(m.SSORedirect, r, q.Relay, q.Signer)
}

// redirected returns the address to which a browser takes a request by the HTTP-Redirect binding. Without a signer it is not signed.
func redirected(address string, request any, relay string, signer *rsa.PrivateKey) (string, error) {
	document, err := xml.Marshal(request)
	if err != nil {
		return "", err
	}
	var packed bytes.Buffer
	w, err := flate.NewWriter(&packed, flate.BestCompression)
	if err != nil {
		return "", err
	}
	if _, err := w.Write(document); err != nil {
		return "", err
	}
	if err := w.Close(); err != nil {
		return "", err
	}
	query := "SAMLRequest=" + url.QueryEscape(base64.StdEncoding.EncodeToString(packed.Bytes())) + "&RelayState=" + url.QueryEscape(relay)
	if signer != nil {
		query += "&SigAlg=" + url.QueryEscape(rsaSHA256)
		sum := sha256.Sum256([]byte(query)) // the text as it is sent, in this order (section 3.4.4.1)
		signature, err := rsa.SignPKCS1v15(rand.Reader, signer, crypto.SHA256, sum[:])
		if err != nil {
			return "", fmt.Errorf("sign SAML request: %w", err)
		}
		query += "&Signature=" + url.QueryEscape(base64.StdEncoding.EncodeToString(signature))
	}
	separator := "?"
	if strings.Contains(address, "?") {
		separator = "&"
	}
	return address + separator + query, nil
}
