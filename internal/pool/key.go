package pool

import (
	"crypto/rsa"
	"time"
)

// KeyUse says which tokens a signing key signs.
type KeyUse string

// The service signs ID and access tokens with different keys.
const (
	SignsID     KeyUse = "id"
	SignsAccess KeyUse = "access"
)

// SigningKey is one RSA key of a pool.
type SigningKey struct {
	ID      string // kid: base64 of 32 bytes
	Use     KeyUse
	Private *rsa.PrivateKey
	Created time.Time
	Retires time.Time // zero: signs; else it only verifies, until then
}

// SigningKey returns the key that signs tokens of the use, or nil when the pool has none.
func (p *Pool) SigningKey(use KeyUse) *SigningKey {
	for i := range p.Keys {
		if k := &p.Keys[i]; k.Use == use && k.Retires.IsZero() {
			return k
		}
	}
	return nil
}

// VerificationKey returns the key with the id, if it may still verify at the time.
func (p *Pool) VerificationKey(id string, now time.Time) *SigningKey {
	for i := range p.Keys {
		if k := &p.Keys[i]; k.ID == id && (k.Retires.IsZero() || now.Before(k.Retires)) {
			return k
		}
	}
	return nil
}
