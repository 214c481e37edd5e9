// Package passkeytest draws keys for the passkeys of tests.
package passkeytest

import (
	"crypto/ecdsa"
	"crypto/x509"
	"testing"

	"github.com/descope/virtualwebauthn"
)

// NewKey draws a key whose coordinates have full length: the virtual authenticator writes shorter ones, which one key in 128 has, without their zeros,
// and they are refused.
func NewKey(tb testing.TB, kind virtualwebauthn.KeyType) virtualwebauthn.Credential {
	tb.Helper()
	for {
		c := virtualwebauthn.NewCredential(kind)
		parsed, err := x509.ParsePKCS8PrivateKey(c.Key.Data)
		if err != nil {
			tb.Fatal(err)
		}
		k, ok := parsed.(*ecdsa.PrivateKey)
		if !ok {
			return c
		}
		point, err := k.PublicKey.Bytes()
		if err != nil {
			tb.Fatal(err)
		}
		if point[1] != 0 && point[33] != 0 {
			return c
		}
	}
}
