package pool

import (
	"crypto/rsa"
	"time"
)

// SAMLUse says what a SAML key is for.
type SAMLUse string

// Requests are signed with one key; assertions are encrypted to the other.
const (
	SignsSAML    SAMLUse = "sign"
	EncryptsSAML SAMLUse = "encrypt"
)

// SAMLKey is a key with which a pool speaks SAML to identity providers.
type SAMLKey struct {
	Use         SAMLUse
	Private     *rsa.PrivateKey
	Certificate []byte    // DER; self-signed
	Created     time.Time // when the certificate was issued
}
