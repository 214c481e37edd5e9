package credential

import (
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/binary"
	"math/big"

	"github.com/google/uuid"
)

// A phantom is a user who does not exist, in a pool that does not tell. Asked twice about the same name, it must answer with the
// same salt and id, as a real user would (RFC 5054 §2.5.1.3). So both are keyed hashes of the name, and nothing is stored.

// PhantomVerifier returns the verifier of a user who does not exist. The key is secret and constant for the pool; the username is
// already folded if the pool folds case. Checks against it cost what they cost for a real one, and no password passes them:
// its V is not a square modulo N, while every power of g = 2 is.
func PhantomVerifier(key []byte, poolID, username string) Verifier {
	b := phantomBytes(key, saltBytes+groupBytes+16, "cenote phantom verifier", poolID, username)
	v := new(big.Int).SetBytes(b[saltBytes:])
	v.Mod(v.Mul(v, v), prime)
	v.Sub(prime, v) // -1 is not a square here, so neither is the negative of one
	return Verifier{Salt: b[:saltBytes], V: v.FillBytes(make([]byte, groupBytes))}
}

// PhantomID returns the internal user id of a user who does not exist: a UUID of version 4, as real users have.
func PhantomID(key []byte, poolID, username string) string {
	id := uuid.UUID(phantomBytes(key, 16, "cenote phantom id", poolID, username))
	id[6] = id[6]&0x0f | 0x40
	id[8] = id[8]&0x3f | 0x80
	return id.String()
}

// PhantomDraw returns n random bytes that are always the same for the name: what else a phantom has is decided by them.
func PhantomDraw(key []byte, n int, poolID string, name ...string) []byte {
	return phantomBytes(key, n, append([]string{"cenote phantom draw", poolID}, name...)...)
}

func phantomBytes(key []byte, n int, purpose ...string) []byte {
	b, err := hkdf.Key(sha256.New, key, nil, string(lengthPrefixed(purpose...)), n)
	if err != nil {
		panic(err) // n is within the limit of HKDF
	}
	return b
}

// lengthPrefixed joins strings so that no two lists give the same bytes.
func lengthPrefixed(parts ...string) []byte {
	var b []byte
	for _, p := range parts {
		b = binary.BigEndian.AppendUint32(b, uint32(len(p)))
		b = append(b, p...)
	}
	return b
}
