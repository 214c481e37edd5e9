package federate

import (
	"bytes"
	"cmp"
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

	"github.com/beevik/etree"
	dsig "github.com/russellhaering/goxmldsig"

	"github.com/cenote-id/cenote/internal/pool"
)

// rsaSHA256 is the only algorithm that requests are signed with.
const rsaSHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"

// Departure is how a browser leaves for a provider.
type Departure struct {
	Location string
	Fields   map[string]string // of the form that it posts there; nil: it is redirected
}

// destination is a service of a SAML provider: its address for each binding, "" for none.
type destination struct{ redirect, post string }

// address is where requests to the service go. HTTP-Redirect comes first: it needs no page of ours.
func (d destination) address() string { return cmp.Or(d.redirect, d.post) }

// departure returns how a browser takes a request to the service.
func (d destination) departure(request any, relay string, signer *pool.SAMLKey) (*Departure, error) {
	if d.redirect != "" {
		location, err := redirected(d.redirect, request, relay, signer)
		return &Departure{Location: location}, err
	}
	document, err := posted(request, signer)
	return &Departure{Location: d.post, Fields: map[string]string{"SAMLRequest": document, "RelayState": relay}}, err
}

// redirected returns the address to which a browser takes a request by the HTTP-Redirect binding (SAML 2.0 Bindings, section
// 3.4). Without a signer it is not signed.
func redirected(address string, request any, relay string, signer *pool.SAMLKey) (string, error) {
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
		signature, err := rsa.SignPKCS1v15(rand.Reader, signer.Private, crypto.SHA256, sum[:])
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

// posted returns a request as the HTTP-POST binding sends it: signed inside, behind its issuer (SAML 2.0 Bindings, section 3.5). Without a
// signer it is not signed.
func posted(request any, signer *pool.SAMLKey) (string, error) {
	document, err := xml.Marshal(request)
	if err != nil {
		return "", err
	}
	if signer == nil {
		return base64.StdEncoding.EncodeToString(document), nil
	}
	doc := etree.NewDocument()
	if err := doc.ReadFromBytes(document); err != nil {
		return "", err
	}
	context, err := dsig.NewSigningContext(signer.Private, [][]byte{signer.Certificate})
	if err != nil {
		return "", err
	}
	context.IdAttribute = "ID"
	context.Canonicalizer = dsig.MakeC14N10ExclusiveCanonicalizerWithPrefixList("")
	signature, err := context.ConstructSignature(doc.Root(), true)
	if err != nil {
		return "", fmt.Errorf("sign SAML request: %w", err)
	}
	doc.Root().InsertChildAt(1, signature)
	if document, err = doc.WriteToBytes(); err != nil {
		return "", err
	}
	return base64.StdEncoding.EncodeToString(document), nil
}
