package pool

import (
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"time"
)

// KeyUse says which tokens a signing key signs.
type KeyUse string

// The service signs ID and access tokens with different keys. The OpenID tokens of identities have keys of the server, not of a pool.
const (
	SignsID       KeyUse = "id"
	SignsAccess   KeyUse = "access"
	SignsIdentity KeyUse = "identity"
)

// SigningKey is one RSA key.
type SigningKey struct {
	ID      string // kid
	Use     KeyUse
	Private *rsa.PrivateKey
	Created time.Time // zero where a version that did not keep it has made the key
	Retires time.Time // zero: signs; else it only verifies, until then
}

// IdentityKeyID derives the kid of a key of SignsIdentity from its public part.
func IdentityKeyID(key *rsa.PrivateKey) string {
	sum := sha256.Sum256(x509.MarshalPKCS1PublicKey(&key.PublicKey))
	return hex.EncodeToString(sum[:8])
}

// KeyRing is the signing keys of a pool, or of the server, newest first.
type KeyRing []SigningKey

// Signing returns the newest key of the use, or nil when there is none.
func (r KeyRing) Signing(use KeyUse) *SigningKey {
	for i := range r {
		if k := &r[i]; k.Use == use && k.Retires.IsZero() {
			return k
		}
	}
	return nil
}

// Verifying returns the key with the id, if it may still verify at the time.
func (r KeyRing) Verifying(id string, now time.Time) *SigningKey {
	for i := range r {
		if k := &r[i]; k.ID == id && (k.Retires.IsZero() || now.Before(k.Retires)) {
			return k
		}
	}
	return nil
}
