package credential

import (
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"math/big"

	"github.com/cenote-id/cenote/internal/seal"
	"github.com/cenote-id/cenote/internal/srpgroup"
)

const saltBytes = 16

// Verifier is a stored password, of a user or a device. V is as good as a fast hash of the password, so it is sealed at rest;
// a Verifier prints as "[hidden]". The zero Verifier belongs to a user without a password: nothing matches it.
type Verifier struct {
	seal.Hidden
	Salt []byte // a big-endian integer of 1 to 255 bytes; 16 random ones if made here
	V    []byte // g^x mod N, big-endian
}

// NewVerifier makes the verifier of a password with a fresh salt. It holds for this scope and id only: a user's pool name (the
// part of the pool id after "_") and username, or a device's group key and key.
func NewVerifier(scope, id, password string) Verifier {
	salt := make([]byte, saltBytes)
	rand.Read(salt)
	return newVerifier(salt, scope, id, password)
}

func newVerifier(salt []byte, scope, id, password string) Verifier {
	return Verifier{Salt: salt, V: generatorPower(privateKey(salt, scope, id, password)).bytes()}
}

// Matches reports whether this is the verifier of the password. It takes the same time for every password and verifier.
func (v Verifier) Matches(scope, id, password string) bool {
	got := newVerifier(v.Salt, scope, id, password)
	want := v.V
	if len(want) < groupBytes {
		want = append(make([]byte, groupBytes-len(want)), want...)
	}
	return subtle.ConstantTimeCompare(got.V, want) == 1
}

// SaltHex returns the salt as clients get it: a hexadecimal integer without leading zeros.
func (v Verifier) SaltHex() string { return new(big.Int).SetBytes(v.Salt).Text(16) }

// Bytes returns the verifier in the form that ParseVerifier reads, to be sealed and stored.
func (v Verifier) Bytes() []byte {
	b := append([]byte{byte(len(v.Salt))}, v.Salt...)
	return append(b, v.V...)
}

var errVerifier = errors.New("malformed password verifier")

// ParseVerifier reads what Bytes made. It refuses a V that no password has, such as 0, with which anybody could sign in.
func ParseVerifier(b []byte) (Verifier, error) {
	if len(b) < 2 || b[0] == 0 || len(b) < 1+int(b[0]) {
		return Verifier{}, errVerifier
	}
	n := 1 + int(b[0])
	v := Verifier{Salt: b[1:n:n], V: b[n:]}
	if !v.sound() {
		return Verifier{}, errVerifier
	}
	return v, nil
}

// sound reports whether V is in 2..N-2. The numbers outside have trivial powers, so an exchange over them proves nothing.
func (v Verifier) sound() bool {
	n := new(big.Int).SetBytes(v.V)
	return n.Cmp(big.NewInt(1)) > 0 && n.Cmp(new(big.Int).Sub(prime, big.NewInt(1))) < 0
}

// privateKey is the x of SRP: H( PAD(salt) | H( scope | id | ":" | password ) ).
func privateKey(salt []byte, scope, id, password string) *[exponentBytes]byte {
	inner := srpgroup.Hash([]byte(scope), []byte(id), []byte(":"), []byte(password))
	return (*[exponentBytes]byte)(srpgroup.Hash(srpgroup.Pad(salt), inner))
}
