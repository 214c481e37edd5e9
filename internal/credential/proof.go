package credential

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"

	"github.com/cenote-id/cenote/internal/srpgroup"
)

// What both sides of the exchange compute alike.

// scramble is the u of SRP: H( PAD(A) | PAD(B) ).
func scramble(a, b []byte) []byte { return srpgroup.Hash(srpgroup.Pad(a), srpgroup.Pad(b)) }

// sessionKey derives the 16-byte K from the shared S: HKDF with u as the salt and S as the input.
func sessionKey(s, u []byte) []byte {
	k, err := hkdf.Key(sha256.New, srpgroup.Pad(s), srpgroup.Pad(u), "Caldera Derived Key", 16)
	if err != nil {
		panic(err) // 16 bytes are below the limit of HKDF
	}
	return k
}

// signature is the proof of K: HMAC over scope | id | secret block | timestamp, the texts exactly as the client sends them.
func signature(k []byte, scope, id string, secretBlock []byte, timestamp string) []byte {
	mac := hmac.New(sha256.New, k)
	mac.Write([]byte(scope))
	mac.Write([]byte(id))
	mac.Write(secretBlock)
	mac.Write([]byte(timestamp))
	return mac.Sum(nil)
}
