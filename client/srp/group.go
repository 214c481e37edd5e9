package srp

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"math/big"

	"filippo.io/bigmod"
)

const (
	groupBytes    = 3072 / 8
	exponentBytes = 256 / 8 // x, u and the client's a

	// maxDigits is the longest salt or SRP_B that is read: the 768 digits of N and some leading zeros.
	maxDigits = 2*groupBytes + 16
)

// primeHex is N, the 3072-bit MODP prime of RFC 3526 §4.
const primeHex = "ffffffffffffffffc90fdaa22168c234c4c6628b80dc1cd129024e088a67cc74020bbea63b139b22514a08798e3404ddef9519b3cd3a431b302b0a6df25f1437" +
	"4fe1356d6d51c245e485b576625e7ec6f44c42e9a637ed6b0bff5cb6f406b7edee386bfb5a899fa5ae9f24117c4b1fe649286651ece45b3dc2007cb8a163bf05" +
	"98da48361c55d39a69163fa8fd24cf5f83655d23dca3ad961c62f356208552bb9ed529077096966d670c354e4abc9804f1746c08ca18217c32905e462e36ce3b" +
	"e39e772c180e86039b2783a2ec07a28fb5c55df06f4c52c9de2bcbf6955817183995497cea956ae515d2261898fa051015728e5a8aaac42dad33170d04507a33" +
	"a85521abdf1cba64ecfb850458dbef0a8aea71575d060c7db3970f85a6e1e4c7abf5ae8cdb0933d71e8c94e04a25619dcee3d2261ad2ee6bf12ffa06d98a0864" +
	"d87602733ec86a64521f2b18177b200cbbe117577a615d6c770988c0bad946e208e24fa074e5ab3143db5bfce0fd108e4b82d120a93ad2caffffffffffffffff"

var (
	prime, _ = new(big.Int).SetString(primeHex, 16)
	modulus  = newModulus()
	two      = natural(big.NewInt(2))

	// multiplier is the k of SRP-6a: H(PAD(N) | PAD(g)).
	multiplier = natural(new(big.Int).SetBytes(hash(pad(prime.Bytes()), pad([]byte{2}))))
)

func newModulus() *bigmod.Modulus {
	m, err := bigmod.NewModulus(prime.Bytes())
	if err != nil {
		panic(err) // the prime is odd and above 1
	}
	return m
}

// natural converts a number below N.
func natural(n *big.Int) *bigmod.Nat {
	x, err := bigmod.NewNat().SetBytes(n.FillBytes(make([]byte, groupBytes)), modulus)
	if err != nil {
		panic(err) // callers reduce their numbers
	}
	return x
}

// generatorPower returns g^e in constant time.
func generatorPower(e []byte) *bigmod.Nat { return bigmod.NewNat().Exp(two, e, modulus) }

// pad encodes a non-negative big-endian integer as the service hashes it: without leading zero bytes, except for one where the top bit
// would otherwise read as a sign.
func pad(n []byte) []byte {
	n = bytes.TrimLeft(n, "\x00")
	if len(n) == 0 || n[0] >= 0x80 {
		return append([]byte{0}, n...)
	}
	return n
}

func hash(parts ...[]byte) []byte {
	h := sha256.New()
	for _, p := range parts {
		h.Write(p)
	}
	return h.Sum(nil)
}

var errNotHex = errors.New("not a hexadecimal number of acceptable length")

// parseHex reads a non-negative hexadecimal integer: no sign, prefix, space or underscore.
func parseHex(text string) (*big.Int, error) {
	if text == "" || len(text) > maxDigits {
		return nil, errNotHex
	}
	for _, c := range []byte(text) {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') && (c < 'A' || c > 'F') {
			return nil, errNotHex
		}
	}
	n, ok := new(big.Int).SetString(text, 16)
	if !ok {
		return nil, errNotHex
	}
	return n, nil
}
