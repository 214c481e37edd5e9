package federate_test

import (
	"bytes"
	"crypto"
	"crypto/aes"
	"crypto/cipher"
	"crypto/des"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"fmt"
	"testing"

	"github.com/beevik/etree"
)

const (
	xenc   = "http://www.w3.org/2001/04/xmlenc#"
	xenc11 = "http://www.w3.org/2009/xmlenc11#"
	dsigNS = "http://www.w3.org/2000/09/xmldsig#"
)

// sealing is how a provider encrypts an assertion.
type sealing struct {
	content   string // algorithm
	key       string
	digest    string // "" leaves the element out, and so does mask
	mask      string
	hash, mgf crypto.Hash
	label     string
	keySize   int                 // of the content's key where it is not that of the algorithm
	change    func([]byte) []byte // of the sealed content
}

// sizes are the sizes of the keys, in bytes.
var sizes = map[string]int{
	xenc + "aes128-cbc": 16, xenc + "aes192-cbc": 24, xenc + "aes256-cbc": 32, xenc11 + "aes128-gcm": 16, xenc11 + "aes192-gcm": 24, xenc11 + "aes256-gcm": 32,
	xenc + "tripledes-cbc": 24,
}

// seal encrypts the content as XML Encryption 1.1 says.
func (s sealing) seal(t *testing.T, content []byte, to *rsa.PublicKey) (sealed, key []byte) {
	t.Helper()
	size := s.keySize
	if size == 0 {
		size = sizes[s.content]
	}
	secret := make([]byte, size)
	_, _ = rand.Read(secret)
	make := aes.NewCipher
	if s.content == xenc+"tripledes-cbc" {
		make = des.NewTripleDESCipher
	}
	block, err := make(secret)
	must(t, err)
	if s.content[len(s.content)-3:] == "gcm" {
		gcm, err := cipher.NewGCMWithRandomNonce(block)
		must(t, err)
		sealed = gcm.Seal(nil, nil, content, nil)
	} else {
		padding := block.BlockSize() - len(content)%block.BlockSize()
		content = append(append(bytes.Clone(content), bytes.Repeat([]byte{'?'}, padding-1)...), byte(padding))
		sealed = append([]byte(rand.Text()[:block.BlockSize()]), content...)
		cipher.NewCBCEncrypter(block, sealed[:block.BlockSize()]).CryptBlocks(sealed[block.BlockSize():], content)
	}
	if s.change != nil {
		sealed = s.change(sealed)
	}
	if s.key == xenc+"rsa-1_5" {
		key, err = rsa.EncryptPKCS1v15(rand.Reader, to, secret) //nolint:staticcheck // what is refused
	} else {
		key, err = rsa.EncryptOAEPWithOptions(rand.Reader, to, secret, &rsa.OAEPOptions{Hash: s.hash, MGFHash: s.mgf, Label: []byte(s.label)})
	}
	must(t, err)
	return sealed, key
}

// encrypt replaces the assertion of the response.
func (s sealing) encrypt(t *testing.T, doc *etree.Document, to *rsa.PublicKey) {
	t.Helper()
	sealed, key := s.seal(t, takeAssertion(t, doc), to)
	method := ""
	if s.label != "" {
		method += "<xenc:OAEPparams>" + base64.StdEncoding.EncodeToString([]byte(s.label)) + "</xenc:OAEPparams>"
	}
	if s.digest != "" {
		method += `<ds:DigestMethod Algorithm="` + s.digest + `"/>`
	}
	if s.mask != "" {
		method += `<xenc11:MGF Algorithm="` + s.mask + `"/>`
	}
	e := etree.NewDocument()
	must(t, e.ReadFromString(fmt.Sprintf(`<saml:EncryptedAssertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" xmlns:xenc="%s" xmlns:xenc11="%s" xmlns:ds="%s">`+
		`<xenc:EncryptedData><xenc:EncryptionMethod Algorithm="%s"/><ds:KeyInfo><xenc:EncryptedKey><xenc:EncryptionMethod Algorithm="%s">%s</xenc:EncryptionMethod>`+
		`<xenc:CipherData><xenc:CipherValue>%s</xenc:CipherValue></xenc:CipherData></xenc:EncryptedKey></ds:KeyInfo>`+
		`<xenc:CipherData><xenc:CipherValue>%s</xenc:CipherValue></xenc:CipherData></xenc:EncryptedData></saml:EncryptedAssertion>`,
		xenc, xenc11, dsigNS, s.content, s.key, method, base64.StdEncoding.EncodeToString(key), base64.StdEncoding.EncodeToString(sealed))))
	doc.Root().AddChild(e.Root())
}

// TestAssertionsAreDecryptedByTheAlgorithmsOfToday holds for what providers choose by default, such as AES-256-GCM, and for what they offer.
func TestAssertionsAreDecryptedByTheAlgorithmsOfToday(t *testing.T) {
	t.Parallel()
	a, us := newAuthority(t), newAuthority(t)
	const gcm, cbc, mgf1p, oaep = xenc11 + "aes256-gcm", xenc + "aes256-cbc", xenc + "rsa-oaep-mgf1p", xenc11 + "rsa-oaep"
	plain := sealing{content: gcm, key: mgf1p, hash: crypto.SHA1, mgf: crypto.SHA1}
	with := func(change func(s *sealing)) sealing {
		s := plain
		change(&s)
		return s
	}
	key := func(algorithm, digest, mask string, hash, mgf crypto.Hash) sealing {
		return sealing{content: gcm, key: algorithm, digest: digest, mask: mask, hash: hash, mgf: mgf}
	}
	content := func(algorithm string, change func([]byte) []byte) sealing {
		return with(func(s *sealing) { s.content, s.change = algorithm, change })
	}
	begin := func(n int) func([]byte) []byte { return func(sealed []byte) []byte { return sealed[:n] } }
	for name, one := range map[string]struct {
		sealing
		passes bool
	}{
		"AES-128-CBC":                          {content(xenc+"aes128-cbc", nil), true},
		"AES-192-CBC":                          {content(xenc+"aes192-cbc", nil), true},
		"AES-256-CBC":                          {content(cbc, nil), true},
		"AES-128-GCM":                          {content(xenc11+"aes128-gcm", nil), true},
		"AES-192-GCM":                          {content(xenc11+"aes192-gcm", nil), true},
		"AES-256-GCM":                          {plain, true},
		"triple DES":                           {content(xenc+"tripledes-cbc", nil), false},
		"AES-256-GCM with a shorter key":       {with(func(s *sealing) { s.keySize = 16 }), false},
		"AES-256-GCM that is changed":          {content(gcm, func(sealed []byte) []byte { sealed[len(sealed)-1] ^= 1; return sealed }), false},
		"AES-256-GCM without a whole nonce":    {content(gcm, begin(5)), false},
		"AES-128-GCM without a whole nonce":    {content(xenc11+"aes128-gcm", begin(5)), false},
		"AES-256-GCM of nothing":               {content(gcm, begin(0)), false},
		"AES-256-CBC without a whole block":    {content(cbc, begin(5)), false},
		"AES-256-CBC of nothing":               {content(cbc, begin(16)), false},
		"AES-256-CBC that is cut":              {content(cbc, begin(33)), false},
		"OAEP, SHA-1 named":                    {key(mgf1p, dsigNS+"sha1", "", crypto.SHA1, crypto.SHA1), true},
		"OAEP, SHA-256":                        {key(mgf1p, xenc+"sha256", "", crypto.SHA256, crypto.SHA1), true},
		"OAEP, SHA-256 as crewjam/saml does":   {key(mgf1p, dsigNS+"sha256", "", crypto.SHA256, crypto.SHA256), true},
		"OAEP of 2009":                         {key(oaep, "", "", crypto.SHA1, crypto.SHA1), true},
		"OAEP of 2009, SHA-256":                {key(oaep, xenc+"sha256", "", crypto.SHA256, crypto.SHA1), true},
		"OAEP of 2009, SHA-256 for both":       {key(oaep, xenc+"sha256", xenc11+"mgf1sha256", crypto.SHA256, crypto.SHA256), true},
		"OAEP of 2009, SHA-512 and a mask":     {key(oaep, xenc+"sha512", xenc11+"mgf1sha384", crypto.SHA512, crypto.SHA384), true},
		"OAEP of 2009, another mask than said": {key(oaep, xenc+"sha256", xenc11+"mgf1sha1", crypto.SHA256, crypto.SHA256), false},
		"OAEP, an unknown digest":              {key(mgf1p, dsigNS+"md5", "", crypto.SHA1, crypto.SHA1), false},
		"OAEP of 2009, an unknown mask":        {key(oaep, "", xenc11+"mgf1md5", crypto.SHA1, crypto.SHA1), false},
		"OAEP with a label":                    {with(func(s *sealing) { s.label = "for us" }), true},
		"PKCS #1 v1.5":                         {with(func(s *sealing) { s.key = xenc + "rsa-1_5" }), false},
	} {
		doc, reader := a.plain(), a.reader()
		reader.Decrypter = us.key
		a.sign(assertionOf(doc))
		one.encrypt(t, doc, &us.key.PublicKey)
		account, _, err := reader.Account(encode(t, doc))
		if (err == nil) != one.passes || err == nil && account.Subject != "ann" {
			t.Errorf("%s: %+v, %v", name, account, err)
		}
	}
}
