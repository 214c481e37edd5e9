package credential

import (
	"encoding/binary"
	"math/big"
	"math/bits"
)

const limbs = groupBytes / 8

// element is a number modulo the prime, little-endian, in Montgomery form (n is held as n·R mod N, R = 2^3072). Its operations
// take the same time for all values. They touch only their arguments, and the race detector would make each sign-in of a test
// thirty times slower: hence the go:norace marks, as in the standard library's own modular arithmetic.
type element [limbs]uint64

var (
	modulus  = rawElement(prime)
	rSquared = rawElement(new(big.Int).Mod(new(big.Int).Lsh(big.NewInt(1), 2*8*groupBytes), prime))
	one      = newElement(big.NewInt(1))
	two      = newElement(big.NewInt(2))
)

// rawElement spreads a number below R over the limbs, without conversion.
func rawElement(n *big.Int) (z element) {
	b := n.FillBytes(make([]byte, groupBytes))
	for i := range z {
		z[i] = binary.BigEndian.Uint64(b[groupBytes-8*(i+1):])
	}
	return z
}

// newElement converts a number, which must be in 0..N-1.
func newElement(n *big.Int) (z element) {
	z = rawElement(n)
	z.mul(&z, &rSquared)
	return z
}

// bytes returns the number in big-endian, always groupBytes long.
func (x *element) bytes() []byte {
	var z element
	z.mul(x, &element{1})
	b := make([]byte, groupBytes)
	for i, limb := range z {
		binary.BigEndian.PutUint64(b[groupBytes-8*(i+1):], limb)
	}
	return b
}

// mul sets z to x·y/R mod N: word-by-word Montgomery multiplication, for which x and y must be below N. The usual factor
// -1/N mod 2^64 is absent because it is 1: the lowest 64 bits of this prime are ones.
//
//go:norace
func (z *element) mul(x, y *element) {
	var t [2 * limbs]uint64
	var carry uint64
	for i := range limbs {
		window := (*element)(t[i : i+limbs])
		c1 := window.addMul(x, y[i])
		c2 := window.addMul(&modulus, window[0])
		t[i+limbs], carry = bits.Add64(c1, c2, carry)
	}
	z.reduceOnce((*element)(t[limbs:]), carry)
}

// reduceOnce sets z to t + carry·R, less N if that leaves it non-negative.
//
//go:norace
func (z *element) reduceOnce(t *element, carry uint64) {
	var less element
	var borrow uint64
	for i := range t {
		less[i], borrow = bits.Sub64(t[i], modulus[i], borrow)
	}
	keep := -(borrow &^ carry) // all ones when t is below N
	for i := range t {
		z[i] = less[i] ^ (keep & (less[i] ^ t[i]))
	}
}

// addMul adds x·y to z and returns the limb that runs over. It is where the time goes: eight limbs a turn let the compiler keep
// the carry chains in the flags and drop the bounds checks.
//
//go:norace
func (z *element) addMul(x *element, y uint64) (carry uint64) {
	for i := 0; i < limbs; i += 8 {
		a, b := (*[8]uint64)(x[i:i+8]), (*[8]uint64)(z[i:i+8])
		var c uint64

		h0, l0 := bits.Mul64(a[0], y)
		h1, l1 := bits.Mul64(a[1], y)
		h2, l2 := bits.Mul64(a[2], y)
		h3, l3 := bits.Mul64(a[3], y)
		l0, c = bits.Add64(l0, carry, 0)
		l1, c = bits.Add64(l1, h0, c)
		l2, c = bits.Add64(l2, h1, c)
		l3, c = bits.Add64(l3, h2, c)
		h3 += c
		b[0], c = bits.Add64(b[0], l0, 0)
		b[1], c = bits.Add64(b[1], l1, c)
		b[2], c = bits.Add64(b[2], l2, c)
		b[3], c = bits.Add64(b[3], l3, c)
		carry = h3 + c

		h0, l0 = bits.Mul64(a[4], y)
		h1, l1 = bits.Mul64(a[5], y)
		h2, l2 = bits.Mul64(a[6], y)
		h3, l3 = bits.Mul64(a[7], y)
		l0, c = bits.Add64(l0, carry, 0)
		l1, c = bits.Add64(l1, h0, c)
		l2, c = bits.Add64(l2, h1, c)
		l3, c = bits.Add64(l3, h2, c)
		h3 += c
		b[4], c = bits.Add64(b[4], l0, 0)
		b[5], c = bits.Add64(b[5], l1, c)
		b[6], c = bits.Add64(b[6], l2, c)
		b[7], c = bits.Add64(b[7], l3, c)
		carry = h3 + c
	}
	return carry
}
