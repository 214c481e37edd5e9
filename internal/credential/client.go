package credential

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"math/big"

	"github.com/cenote-id/cenote/internal/seal"
)

// ClientEphemeral is the client's half of an SRP exchange: a key pair that is used once.
type ClientEphemeral struct {
	seal.Hidden
	a      []byte
	public *big.Int
}

// NewClientEphemeral draws a key pair with a 256-bit secret.
func NewClientEphemeral() *ClientEphemeral {
	var a [exponentBytes]byte
	rand.Read(a[:])
	return &ClientEphemeral{a: a[:], public: new(big.Int).SetBytes(generatorPower(&a).bytes())}
}

// A returns SRP_A in lower-case hexadecimal.
func (e *ClientEphemeral) A() string { return e.public.Text(16) }

var errServerKey = errors.New("the server's SRP_B is not acceptable")

// Proof computes PASSWORD_CLAIM_SIGNATURE, in base64, from the challenge parameters SALT and SRP_B, the decoded SECRET_BLOCK and the
// timestamp (FormatTimestamp). The id is USER_ID_FOR_SRP, or the key of a device. It fails when the server sends numbers that
// are malformed or that would give the password away.
func (e *ClientEphemeral) Proof(scope, id, password, salt, srpB string, secretBlock []byte, timestamp string) (string, error) {
	saltNumber, err := parseHex(salt, maxKeyDigits)
	if err != nil {
		return "", errors.New("the server's SALT is not acceptable")
	}
	b, err := parseHex(srpB, maxKeyDigits)
	if err != nil {
		return "", errServerKey
	}
	u := scramble(e.public.Bytes(), b.Bytes())
	if new(big.Int).Mod(b, prime).Sign() == 0 || new(big.Int).SetBytes(u).Sign() == 0 {
		return "", errServerKey
	}
	s := e.sharedSecret(b, u, privateKey(saltNumber.Bytes(), scope, id, password))
	sig := signature(sessionKey(s, u), scope, id, secretBlock, timestamp)
	return base64.StdEncoding.EncodeToString(sig), nil
}

// sharedSecret is the client's S: (B - k·g^x)^(a + u·x).
func (e *ClientEphemeral) sharedSecret(b *big.Int, u []byte, x *[exponentBytes]byte) []byte {
	base := new(big.Int).SetBytes(generatorPower(x).bytes())
	base.Mul(base, multiplier)
	base.Sub(b, base)
	y := newElement(base.Mod(base, prime))

	exponent := new(big.Int).SetBytes(u)
	exponent.Mul(exponent, new(big.Int).SetBytes(x[:]))
	exponent.Add(exponent, new(big.Int).SetBytes(e.a))
	size := max(2*exponentBytes, len(e.a)) + 1 // a fixed length, so that the time does not tell the exponent's
	return power(&y, exponent.FillBytes(make([]byte, size))).bytes()
}
