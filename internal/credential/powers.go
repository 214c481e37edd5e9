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
	library Library
	log     *slog.Logger
	failed  atomic.Bool

	firstSecret, firstPublic sync.Once // by the exponent
}

// Library computes base^exponent modulo Prime, all in big-endian.
type Library interface {
	Exp(base, exponent []byte) ([]byte, error)       // in constant time for exponents of one length
	PublicExp(base, exponent []byte) ([]byte, error) // in a time that may tell the exponent
}

// NewPowers returns powers that are computed by a library.
func NewPowers(library Library, log *slog.Logger) *Powers { return &Powers{library: library, log: log} }

// Prime returns the modulus of the exchange: 384 bytes, big-endian.
func Prime() []byte { return prime.Bytes() }

var errPower = errors.New("the power is wrong")

func (p *Powers) exp(base *big.Int, exponent []byte, public bool) *big.Int {
	if p != nil && !p.failed.Load() {
		power, err := p.byLibrary(base, exponent, public)
		if err == nil {
			return power
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

func (p *Powers) byLibrary(base *big.Int, exponent []byte, public bool) (*big.Int, error) {
	exp, first := p.library.Exp, &p.firstSecret
	if public {
		exp, first = p.library.PublicExp, &p.firstPublic
	}
	bytes, err := exp(base.Bytes(), exponent)
	if err != nil {
		return nil, err
	}
	power := new(big.Int).SetBytes(bytes)
	first.Do(func() {
		if power.Cmp(bigExp(base, exponent)) != 0 {
			err = errPower
		}
	})
	return power, err
}

// serverSecret is the server's S: (A · v^u)^b. With math/big the time depends on the exponent b, which is secret but lives for one challenge; u is
// public.
func (p *Powers) serverSecret(v, u, a, b []byte) []byte {
	s := p.exp(new(big.Int).SetBytes(v), u, true)
	s.Mul(s, new(big.Int).SetBytes(a))
	s.Mod(s, prime)
	return p.exp(s, b, false).Bytes()
}
