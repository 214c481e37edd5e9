package credential

import (
	"crypto/hmac"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"math/big"

	"github.com/cenote-id/cenote/internal/seal"
	"github.com/cenote-id/cenote/internal/srpgroup"
)

// maxKeyDigits is the longest SRP_A or SRP_B that is read: the 768 digits of N and some leading zeros. A longer one would buy an
// attacker our arithmetic.
const maxKeyDigits = 2*groupBytes + 16

// ErrPublicA means that SRP_A is not a hexadecimal number, or too long.
var ErrPublicA = errors.New("SRP_A is not a hexadecimal number of allowed length")

// PublicA is the client's public key, SRP_A.
type PublicA struct {
	sent    []byte // as the client hashes it: not reduced
	reduced [groupBytes]byte
}

// ParseA reads SRP_A: 1 to 784 hexadecimal digits of either case, nothing else. The error is ErrPublicA. An A that is 0 mod N is
// read too, see Degenerate.
func ParseA(text string) (PublicA, error) {
	n, err := srpgroup.ParseHex(text, maxKeyDigits)
	if err != nil {
		return PublicA{}, ErrPublicA
	}
	a := PublicA{sent: n.Bytes()}
	n.Mod(n, prime).FillBytes(a.reduced[:])
	return a, nil
}

// Degenerate reports whether A mod N is 0, which no honest client sends: the shared secret would be known to everybody. A challenge
// may be issued for such an A, but no proof of it is ever accepted.
func (a PublicA) Degenerate() bool { return a.reduced == [groupBytes]byte{} }

// Challenge is the server's half of an SRP exchange, between its two steps. It is secret: b and B together give the verifier away.
type Challenge struct {
	seal.Hidden
	Powers *Powers // what Verify computes with; nil: math/big

	b, u [exponentBytes]byte
	a    [groupBytes]byte // A mod N
}

// ChallengeBytes is the length of Challenge.Bytes.
const ChallengeBytes = 2*exponentBytes + groupBytes

// NewChallenge does step 1: it draws b and returns the challenge together with SRP_B, in lower-case hexadecimal without leading
// zeros. SALT is v.SaltHex.
func NewChallenge(v Verifier, a PublicA) (*Challenge, string) {
	for {
		c := &Challenge{a: a.reduced}
		rand.Read(c.b[:])
		b := publicB(v, generatorPower(&c.b).bytes())
		copy(c.u[:], scramble(a.sent, b.Bytes()))
		if b.Sign() != 0 && c.u != [exponentBytes]byte{} { // both would fail once in 2^256 times
			return c, b.Text(16)
		}
	}
}

// publicB returns k·v + g^b mod N.
func publicB(v Verifier, generatorPower []byte) *big.Int {
	b := new(big.Int).SetBytes(v.V)
	b.Mul(b, multiplier)
	b.Add(b, new(big.Int).SetBytes(generatorPower))
	return b.Mod(b, prime)
}

// Bytes returns the challenge in the form that ParseChallenge reads. The caller seals it before it leaves the server.
func (c *Challenge) Bytes() []byte {
	out := make([]byte, 0, ChallengeBytes)
	out = append(out, c.b[:]...)
	out = append(out, c.u[:]...)
	return append(out, c.a[:]...)
}

// ParseChallenge reads what Bytes made.
func ParseChallenge(b []byte) (*Challenge, error) {
	if len(b) != ChallengeBytes {
		return nil, errors.New("malformed SRP challenge")
	}
	c := &Challenge{}
	copy(c.b[:], b)
	copy(c.u[:], b[exponentBytes:])
	copy(c.a[:], b[2*exponentBytes:])
	return c, nil
}

// Verify does step 2: it reports whether the signature (base64, PASSWORD_CLAIM_SIGNATURE) proves the password of v. The secret block
// is what the client decoded from SECRET_BLOCK; the timestamp is the text as it was sent, for ParseTimestamp to judge. The
// answer is false for a degenerate A and for a verifier over which nothing can be proved, whatever the signature.
func (c *Challenge) Verify(v Verifier, scope, id string, secretBlock []byte, timestamp, claim string) bool {
	given, err := base64.StdEncoding.DecodeString(claim)
	if err != nil {
		return false
	}
	key := sessionKey(c.Powers.serverSecret(v.V, c.u[:], c.a[:], c.b[:]), c.u[:])
	equal := hmac.Equal(given, signature(key, scope, id, secretBlock, timestamp))
	return equal && v.sound() && c.a != [groupBytes]byte{}
}
