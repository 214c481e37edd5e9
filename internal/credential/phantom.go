package credential

import (
	"crypto/hkdf"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"math/big"

	"github.com/google/uuid"
)

// A phantom is a user who does not exist, in a pool that does not tell. Asked twice about the same name, it must answer with the
// same salt and id, as a real user would (RFC 5054 §2.5.1.3). So both are keyed hashes of the name, and nothing is stored.

// PhantomVerifier returns the verifier of a user who does not exist. The key is secret and constant for the pool. Checks against it cost what they cost for a real one, and no password passes them:
// its V is not a square modulo N, while every power of g = 2 is.
func PhantomVerifier(key []byte, poolID, username string) Verifier {
	b := phantomBytes(key, saltBytes+groupBytes+16, "cenote phantom verifier", poolID, username)
	v := new(big.Int).SetBytes(b[saltBytes:])
	v.Mod(v.Mul(v, v), prime)
	v.Sub(prime, v) // -1 is not a square here, so neither is the negative of one
	return Verifier{Salt: b[:saltBytes], V: v.FillBytes(make([]byte, groupBytes))}
}

// PhantomSeed is all that is kept of the name of a user who does not exist: a keyed hash, from which whatever is made up about the user is
// drawn.
func PhantomSeed(key []byte, poolID, username string) [6]byte {
	return [6]byte(phantomBytes(key, 6, "cenote phantom seed", poolID, username))
}

// PhantomID returns the internal user id of a user who does not exist: a UUID of version 4, as real users have. A client that is told it
// may ask again by it, as it may by the id of a real user, and must meet the same phantom. So the id carries the seed, and 48 bits of
// a hint about what the name shows of itself. Only the holder of the key can tell it from other ids.
func PhantomID(key []byte, poolID string, seed [6]byte, hint uint64) string {
	var id uuid.UUID
	copy(id[:6], seed[:])
	sealed := binary.BigEndian.AppendUint64(nil, hint)[2:]
	subtle.XORBytes(id[9:15], sealed, phantomBytes(key, 6, "cenote phantom hint", poolID, string(seed[:])))
	tag := phantomBytes(key, 4, "cenote phantom id", poolID, string(seed[:]), string(sealed))
	id[6], id[7], id[8], id[15] = tag[0]&0x0f|0x40, tag[1], tag[2]&0x3f|0x80, tag[3]
	return id.String()
}

// OpenPhantomID returns what an id carries that PhantomID made, and false for any other.
func OpenPhantomID(key []byte, poolID, id string) (seed [6]byte, hint uint64, ok bool) {
	parsed, err := uuid.Parse(id)
	if err != nil {
		return seed, 0, false
	}
	seed = [6]byte(parsed[:6])
	opened := make([]byte, 8)
	subtle.XORBytes(opened[2:], parsed[9:15], phantomBytes(key, 6, "cenote phantom hint", poolID, string(seed[:])))
	hint = binary.BigEndian.Uint64(opened)
	return seed, hint, PhantomID(key, poolID, seed, hint) == id
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
