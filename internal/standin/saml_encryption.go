package standin

import (
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"io"
	"net/http"
	"strings"

	"github.com/beevik/etree"
	"github.com/crewjam/saml/xmlenc"
)

// encryptFor takes the certificate for which assertions are encrypted that go to the service provider with the name: base64 or PEM.
func (p *Provider) encryptFor(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	der := body
	if block, _ := pem.Decode(body); block != nil {
		der = block.Bytes
	} else if err == nil {
		der, err = base64.StdEncoding.DecodeString(strings.Join(strings.Fields(string(body)), ""))
	}
	var certificate *x509.Certificate
	if err == nil {
		certificate, err = x509.ParseCertificate(der)
	}
	if err != nil {
		answer(w, http.StatusBadRequest, map[string]string{"error": "the body must be a certificate, in base64 or PEM"})
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.encryption[r.PathValue("entity")] = certificate
	w.WriteHeader(http.StatusNoContent)
}

// encrypted returns an assertion for the service provider: encrypted, if it has given a certificate.
func (p *Provider) encrypted(entity string, assertion *etree.Element) (*etree.Element, error) {
	p.mu.Lock()
	certificate := p.encryption[entity]
	p.mu.Unlock()
	if certificate == nil {
		return assertion, nil
	}
	doc := etree.NewDocument()
	doc.SetRoot(assertion)
	content, err := doc.WriteToBytes()
	if err != nil {
		return nil, err
	}
	data, err := xmlenc.OAEP().Encrypt(certificate, content, nil)
	if err != nil {
		return nil, err
	}
	e := etree.NewElement("saml:EncryptedAssertion")
	e.CreateAttr("xmlns:saml", "urn:oasis:names:tc:SAML:2.0:assertion")
	e.AddChild(data)
	return e, nil
}
