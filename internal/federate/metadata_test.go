package federate

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"math/big"
	"strings"
	"testing"
	"time"
)

// certificate returns a new self-signed certificate as metadata holds it.
func certificate(t *testing.T) string {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "idp"},
		NotBefore: time.Unix(0, 0), NotAfter: time.Unix(1<<32, 0),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(der)
}

const (
	head = `<?xml version="1.0"?><md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" xmlns:ds="http://www.w3.org/2000/09/xmldsig#" entityID="urn:idp">` +
		`<md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">`
	redirect = `<md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="https://idp.example.com/sso?a=1&amp;b=2"/>`
	logout   = `<md:SingleLogoutService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="https://idp.example.com/slo"/>`
	tail     = `</md:IDPSSODescriptor></md:EntityDescriptor>`
)

func key(use, certificate string) string {
	return `<md:KeyDescriptor` + use + `><ds:KeyInfo><ds:X509Data><ds:X509Certificate>` + certificate + `</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>`
}

func TestMetadataIsRead(t *testing.T) {
	t.Parallel()
	c := certificate(t)
	lines := strings.Join(strings.SplitAfterN(c, "A", 3), "\n ")
	whole := head + key("", lines) + key(` use="encryption"`, "no certificate") + key(` use="signing"`, c) + logout + redirect + tail
	group := `<md:EntitiesDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata"><md:EntityDescriptor entityID="urn:sp"/>` +
		`<md:EntitiesDescriptor>` + strings.TrimPrefix(whole, `<?xml version="1.0"?>`) + `</md:EntitiesDescriptor></md:EntitiesDescriptor>`
	for name, document := range map[string]string{"an entity": whole, "a group of entities": group} {
		m, err := ParseMetadata([]byte(document))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if m.EntityID != "urn:idp" || m.SSORedirect != "https://idp.example.com/sso?a=1&b=2" || m.SLORedirect != "https://idp.example.com/slo" ||
			m.SSOPost != "" || len(m.Certificates) != 2 {
			t.Errorf("%s: %+v", name, m)
		}
	}
}

func TestMetadataThatCannotBeUsed(t *testing.T) {
	t.Parallel()
	c := certificate(t)
	good := head + key("", c) + redirect + tail
	if _, err := ParseMetadata([]byte(good)); err != nil {
		t.Fatal(err)
	}
	for name, document := range map[string]string{
		"nothing":                    "",
		"text":                       "metadata",
		"another root":               `<html xmlns="urn:oasis:names:tc:SAML:2.0:metadata"/>`,
		"cut":                        good[:len(good)-20],
		"a document type":            strings.Replace(good, `?>`, `?><!DOCTYPE x [<!ENTITY e "x">]>`, 1),
		"XXE":                        strings.Replace(good, `?>`, `?><!DOCTYPE x SYSTEM "http://169.254.169.254/x.dtd">`, 1),
		"an entity bomb":             strings.Replace(good, `?>`, `?><!DOCTYPE x [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]>`, 1),
		"an entity that is unknown":  strings.Replace(good, "urn:idp", "&e;", 1),
		"no role":                    strings.ReplaceAll(good, "IDPSSODescriptor", "SPSSODescriptor"),
		"another namespace":          strings.Replace(good, "SAML:2.0:metadata", "SAML:1.0:metadata", 1),
		"no id":                      strings.Replace(good, ` entityID="urn:idp"`, "", 1),
		"no sign-on service":         head + key("", c) + tail,
		"another binding":            strings.Replace(good, "HTTP-Redirect", "SOAP", 1),
		"no certificate":             head + redirect + tail,
		"a certificate to encrypt":   head + key(` use="encryption"`, c) + redirect + tail,
		"a certificate that is none": head + key("", "AAAA") + redirect + tail,
		"no base64":                  head + key("", "%") + redirect + tail,
		"a script as address":        strings.Replace(good, "https://idp.example.com/sso", "javascript:alert(1)//", 1),
		"a relative address":         strings.Replace(good, "https://idp.example.com/sso", "/sso", 1),
		"two providers": `<md:EntitiesDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata">` +
			strings.Repeat(strings.TrimPrefix(good, `<?xml version="1.0"?>`), 2) + `</md:EntitiesDescriptor>`,
		"deep nesting": strings.Repeat("<a>", 20_000),
	} {
		if m, err := ParseMetadata([]byte(document)); err == nil {
			t.Errorf("%s is read as %+v", name, m)
		}
	}
}

func FuzzMetadata(f *testing.F) {
	f.Add([]byte(head + redirect + logout + tail))
	f.Fuzz(func(t *testing.T, document []byte) {
		if m, err := ParseMetadata(document); err == nil && (m.EntityID == "" || len(m.Certificates) == 0) {
			t.Errorf("half of a provider: %+v", m)
		}
	})
}
