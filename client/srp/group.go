package srp

import (
	"math/big"

	"filippo.io/bigmod"

	"github.com/cenote-id/cenote/internal/srpgroup"
)

const (
	exponentBytes = srpgroup.ExponentBytes // x, u and the client's a

	// maxDigits is the longest salt or SRP_B that is read: the 768 digits of N and some leading zeros.
	maxDigits = 2*srpgroup.Bytes + 16
)

var (
	prime      = srpgroup.Prime()
	modulus    = newModulus()
	two        = natural(big.NewInt(2))
	multiplier = natural(srpgroup.Multiplier())
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
	x, err := bigmod.NewNat().SetBytes(n.FillBytes(make([]byte, srpgroup.Bytes)), modulus)
	if err != nil {
		panic(err) // callers reduce their numbers
	}
	return x
}

// generatorPower returns g^e in constant time.
func generatorPower(e []byte) *bigmod.Nat { return bigmod.NewNat().Exp(two, e, modulus) }
