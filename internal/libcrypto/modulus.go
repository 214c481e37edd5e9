//go:build libcrypto && linux

package libcrypto

import (
	"errors"
	"unsafe"

	"github.com/ebitengine/purego"
)

// Modulus is an odd number by which powers are reduced. It stays in the library until the process ends.
type Modulus struct {
	library *Library
	size    int     // in bytes
	n       uintptr // a BIGNUM
	mont    uintptr // a BN_MONT_CTX
}

// NewModulus prepares a modulus; n is big-endian, without leading zeros.
func (l *Library) NewModulus(n []byte) (*Modulus, error) {
	m := &Modulus{library: l, size: len(n)}
	if len(n) == 0 || n[0] == 0 || n[len(n)-1]&1 == 0 {
		return nil, errors.New("the modulus is not an odd number without leading zeros")
	}
	err := l.run(func() error {
		ctx, _, _ := purego.SyscallN(l.bnCtxNew)
		if ctx == 0 {
			return l.failed("BN_CTX_new")
		}
		defer purego.SyscallN(l.bnCtxFree, ctx)
		var err error
		if m.n, err = l.number(n); err != nil {
			return err
		}
		if m.mont, _, _ = purego.SyscallN(l.bnMontCtxNew); m.mont != 0 && ok(purego.SyscallN(l.bnMontCtxSet, m.mont, m.n, ctx)) {
			return nil
		}
		err = l.failed("BN_MONT_CTX_set")
		purego.SyscallN(l.bnMontCtxFree, m.mont)
		purego.SyscallN(l.bnClearFree, m.n)
		return err
	})
	if err != nil {
		return nil, err
	}
	return m, nil
}

// Exp returns base^exponent mod n, as long as the modulus. Both are big-endian, and the base is below n. The time depends on the length of
// the exponent and not on its bits.
func (m *Modulus) Exp(base, exponent []byte) ([]byte, error) {
	return m.power("BN_mod_exp_mont_consttime", m.library.bnModExpMontConsttime, base, exponent)
}

// PublicExp returns the same for an exponent that is no secret: the time tells its bits, and is about four fifths.
func (m *Modulus) PublicExp(base, exponent []byte) ([]byte, error) {
	return m.power("BN_mod_exp_mont", m.library.bnModExpMont, base, exponent)
}

// power has one of the library's functions compute a power; they take the same arguments.
func (m *Modulus) power(name string, function uintptr, base, exponent []byte) ([]byte, error) {
	power := make([]byte, m.size)
	err := m.library.run(func() error { return m.exp(name, function, base, exponent, power) })
	if err != nil {
		return nil, err
	}
	return power, nil
}

func (m *Modulus) exp(name string, function uintptr, base, exponent, power []byte) error {
	l := m.library
	ctx, _, _ := purego.SyscallN(l.bnCtxNew)
	if ctx == 0 {
		return l.failed("BN_CTX_new")
	}
	defer purego.SyscallN(l.bnCtxFree, ctx)
	var numbers [3]uintptr // the power, the base, the exponent
	for i, bytes := range [][]byte{nil, base, exponent} {
		var err error
		if numbers[i], err = l.number(bytes); err != nil {
			return err
		}
		defer purego.SyscallN(l.bnClearFree, numbers[i])
	}
	if !ok(purego.SyscallN(function, numbers[0], numbers[1], numbers[2], m.n, ctx, m.mont)) {
		return l.failed(name)
	}
	if n, _, _ := purego.SyscallN(l.bnBn2binpad, numbers[0], uintptr(unsafe.Pointer(&power[0])), uintptr(len(power))); int32(n) != int32(len(power)) {
		return l.failed("BN_bn2binpad")
	}
	return nil
}

// number makes a BIGNUM of big-endian bytes.
func (l *Library) number(bytes []byte) (uintptr, error) {
	bn, _, _ := purego.SyscallN(l.bnBin2bn, uintptr(unsafe.Pointer(unsafe.SliceData(bytes))), uintptr(len(bytes)), 0)
	if bn == 0 {
		return 0, l.failed("BN_bin2bn")
	}
	return bn, nil
}
