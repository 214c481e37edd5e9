//go:build libcrypto && linux

package libcrypto_test

import (
	"bytes"
	"crypto/rand"
	"math/big"
	"sync"
	"testing"
)

func TestPowersAreThoseOfBig(t *testing.T) {
	t.Parallel()
	l := open(t)
	for _, bits := range []int{64, 1024, 3072} {
		n, err := rand.Prime(rand.Reader, bits)
		if err != nil {
			t.Fatal(err)
		}
		m, err := l.NewModulus(n.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		draw := func(below *big.Int) *big.Int {
			x, err := rand.Int(rand.Reader, below)
			if err != nil {
				t.Fatal(err)
			}
			return x
		}
		exponents := []*big.Int{new(big.Int), big.NewInt(1), new(big.Int).Lsh(big.NewInt(1), 255)}
		bases := []*big.Int{new(big.Int), big.NewInt(1), new(big.Int).Sub(n, big.NewInt(1))}
		for range 5 {
			exponents, bases = append(exponents, draw(new(big.Int).Lsh(big.NewInt(1), 256))), append(bases, draw(n))
		}
		var wg sync.WaitGroup
		for _, base := range bases {
			for _, exponent := range exponents {
				wg.Go(func() {
					want := new(big.Int).Exp(base, exponent, n).FillBytes(make([]byte, bits/8))
					for name, exp := range map[string]func(base, exponent []byte) ([]byte, error){"Exp": m.Exp, "PublicExp": m.PublicExp} {
						got, err := exp(base.Bytes(), exponent.FillBytes(make([]byte, 32)))
						if err != nil || !bytes.Equal(got, want) {
							t.Errorf("%s: %x^%x mod %x: got %x, error %v", name, base, exponent, n, got, err)
						}
					}
				})
			}
		}
		wg.Wait()
	}
}

func TestAModulusIsOdd(t *testing.T) {
	t.Parallel()
	l := open(t)
	for _, n := range [][]byte{nil, {0}, {0, 7}, {8}} {
		if _, err := l.NewModulus(n); err == nil {
			t.Errorf("%x became a modulus", n)
		}
	}
}
