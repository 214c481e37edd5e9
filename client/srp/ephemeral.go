package srp

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/big"

	"filippo.io/bigmod"

	"github.com/cenote-id/cenote/internal/srpgroup"
)

// ErrServerValues means that a server sent a SALT or an SRP_B that is malformed or that would give the password away. No proof is made.
var ErrServerValues = errors.New("srp: the server sent unacceptable values")

// Ephemeral is the client's half of one exchange: a key pair that is used once. It prints as "[hidden]".
type Ephemeral struct {
	a      []byte
	public []byte // A, big-endian
}

// NewEphemeral draws a key pair with a 256-bit secret.
func NewEphemeral() *Ephemeral {
	a := make([]byte, exponentBytes)
	rand.Read(a)
	return newEphemeral(a)
}

func newEphemeral(a []byte) *Ephemeral {
	return &Ephemeral{a: a, public: generatorPower(a).Bytes(modulus)}
}

// A returns SRP_A in lower-case hexadecimal without leading zeros.
func (e *Ephemeral) A() string { return new(big.Int).SetBytes(e.public).Text(16) }

// Proof returns PASSWORD_CLAIM_SIGNATURE in base64. Scope and id are the pool name (the pool id behind the underscore) and USER_ID_FOR_SRP, or
// the group key and the key of a device. Salt and srpB are SALT and SRP_B of the challenge, in hexadecimal; the secret block is
// SECRET_BLOCK, decoded; the timestamp is what the answer carries (see FormatTimestamp). The error is ErrServerValues.
func (e *Ephemeral) Proof(scope, id, password, salt, srpB string, secretBlock []byte, timestamp string) (string, error) {
	s, err := srpgroup.ParseHex(salt, maxDigits)
	if err != nil {
		return "", fmt.Errorf("%w: SALT is %w", ErrServerValues, err)
	}
	b, err := srpgroup.ParseHex(srpB, maxDigits)
	if err != nil {
		return "", fmt.Errorf("%w: SRP_B is %w", ErrServerValues, err)
	}
	reduced := new(big.Int).Mod(b, prime)
	u := srpgroup.Hash(srpgroup.Pad(e.public), srpgroup.Pad(b.Bytes()))
	if reduced.Sign() == 0 || subtle.ConstantTimeCompare(u, make([]byte, len(u))) == 1 {
		return "", fmt.Errorf("%w: SRP_B is zero", ErrServerValues)
	}
	key := sessionKey(e.sharedSecret(reduced, u, privateKey(s.Bytes(), scope, id, password)), u)
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(scope))
	mac.Write([]byte(id))
	mac.Write(secretBlock)
	mac.Write([]byte(timestamp))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil)), nil
}

// privateKey is x: H(PAD(salt) | H(scope | id | ":" | password)).
func privateKey(salt []byte, scope, id, password string) []byte {
	return srpgroup.Hash(srpgroup.Pad(salt), srpgroup.Hash([]byte(scope), []byte(id), []byte(":"), []byte(password)))
}

// sharedSecret is S: (B - k·g^x)^(a + u·x).
func (e *Ephemeral) sharedSecret(b *big.Int, u, x []byte) []byte {
	product := generatorPower(x)
	product.Mul(multiplier, modulus)
	base := natural(b).Sub(product, modulus)

	exponent := new(big.Int).SetBytes(u)
	exponent.Mul(exponent, new(big.Int).SetBytes(x))
	exponent.Add(exponent, new(big.Int).SetBytes(e.a))
	size := max(2*exponentBytes, len(e.a)) + 1 // a fixed length, so that the time does not tell the exponent's
	return bigmod.NewNat().Exp(base, exponent.FillBytes(make([]byte, size)), modulus).Bytes(modulus)
}

// sessionKey derives the 16-byte K: HKDF with u as the salt and S as the input.
func sessionKey(s, u []byte) []byte {
	k, err := hkdf.Key(sha256.New, srpgroup.Pad(s), srpgroup.Pad(u), "Caldera Derived Key", 16)
	if err != nil {
		panic(err) // 16 bytes are below the limit of HKDF
	}
	return k
}

const hidden = "[hidden]"

// Format writes "[hidden]" for every verb.
func (*Ephemeral) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, hidden) }

// LogValue returns "[hidden]".
func (*Ephemeral) LogValue() slog.Value { return slog.StringValue(hidden) }
