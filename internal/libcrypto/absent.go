//go:build !libcrypto || !linux

package libcrypto

import (
	"crypto"
	"crypto/rsa"
	"errors"
)

// Linked says whether this build can use the library.
const Linked = false

// Library is the library, which this build does not use.
type Library struct{}

// Open fails.
func Open(string) (*Library, error) { return nil, errors.New("this build does not use libcrypto") }

// NewKey is never called: there is no Library.
func (*Library) NewKey(*rsa.PrivateKey) (crypto.Signer, error) { return nil, errors.ErrUnsupported }

// String names the library.
func (*Library) String() string { return "libcrypto" }

// Keys returns how many keys the library holds.
func (*Library) Keys() int { return 0 }

// Modulus is an odd number by which powers are reduced.
type Modulus struct{}

// NewModulus is never called: there is no Library.
func (*Library) NewModulus([]byte) (*Modulus, error) { return nil, errors.ErrUnsupported }

// Exp is never called: there is no Modulus.
func (*Modulus) Exp(base, exponent []byte) ([]byte, error) { return nil, errors.ErrUnsupported }

// PublicExp is never called: there is no Modulus.
func (*Modulus) PublicExp(base, exponent []byte) ([]byte, error) { return nil, errors.ErrUnsupported }
