package credential

import (
	"errors"
	"log/slog"
	"math/big"
	"sync"
	"sync/atomic"
)

// Powers computes the two powers of the server's secret, which are most of an SRP sign-in beside the signatures. A nil Powers uses math/big.
//
// A library computes them instead until it fails once. Its first power of each kind is checked with math/big.
type Powers struct {
	secret, public power // by the exponent
	log            *slog.Logger
	failed         atomic.Bool
}

// Library computes base^exponent modulo Prime, all in big-endian.
type Library interface {
	Exp(base, exponent []byte) ([]byte, error)       // in constant time for exponents of one length
	PublicExp(base, exponent []byte) ([]byte, error) // in a time that may tell the exponent
}

// NewPowers returns powers that are computed by a library.
func NewPowers(library Library, log *slog.Logger) *Powers {
	return &Powers{secret: power{exp: library.Exp}, public: power{exp: library.PublicExp}, log: log}
}

// Prime returns the modulus of the exchange: 384 bytes, big-endian.
func Prime() []byte { return prime.Bytes() }

func (p *Powers) secretExp(base *big.Int, exponent []byte) *big.Int {
	if p == nil {
		return bigExp(base, exponent)
	}
	return p.exp(&p.secret, base, exponent)
}

func (p *Powers) publicExp(base *big.Int, exponent []byte) *big.Int {
	if p == nil {
		return bigExp(base, exponent)
	}
	return p.exp(&p.public, base, exponent)
}

func (p *Powers) exp(by *power, base *big.Int, exponent []byte) *big.Int {
	if !p.failed.Load() {
		result, err := by.checked(base, exponent)
		if err == nil {
			return result
		}
		if p.failed.CompareAndSwap(false, true) {
			p.log.Error("math/big computes the powers of SRP from now on: the library failed", "error", err)
		}
	}
	return bigExp(base, exponent)
}

func bigExp(base *big.Int, exponent []byte) *big.Int {
	return new(big.Int).Exp(base, new(big.Int).SetBytes(exponent), prime)
}

// power is a kind of power that a library computes.
type power struct {
	exp   func(base, exponent []byte) ([]byte, error)
	first sync.Once
}

var errPower = errors.New("the power is wrong")

// checked computes base^exponent, and checks the first one.
func (k *power) checked(base *big.Int, exponent []byte) (*big.Int, error) {
	bytes, err := k.exp(base.Bytes(), exponent)
	if err != nil {
		return nil, err
	}
	result := new(big.Int).SetBytes(bytes)
	k.first.Do(func() {
		if result.Cmp(bigExp(base, exponent)) != 0 {
			err = errPower
		}
	})
	return result, err
}

// serverSecret is the server's S: (A · v^u)^b. With math/big the time depends on the exponent b, which is secret but lives for one challenge; u is
// public.
func (p *Powers) serverSecret(v, u, a, b []byte) []byte {
	s := p.publicExp(new(big.Int).SetBytes(v), u)
	s.Mul(s, new(big.Int).SetBytes(a))
	s.Mod(s, prime)
	return p.secretExp(s, b).Bytes()
}
