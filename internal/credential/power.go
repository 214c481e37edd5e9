package credential

import (
	"crypto/subtle"
	"sync"
)

const (
	// windowBits is how many bits of an exponent are looked up at once. Six would take more time to read the rows than they save.
	windowBits = 5

	windows = (8*exponentBytes + windowBits - 1) / windowBits
)

// window is a row of powers y^0, y^1, y^2 and so on, from which one is chosen by some bits of an exponent.
type window [1 << windowBits]element

// fill makes the row of y.
func (w *window) fill(y *element) {
	w[0], w[1] = one, *y
	for i := 2; i < len(w); i++ {
		w[i].mul(&w[i-1], y)
	}
}

// pick copies entry i of the row to z. It reads every entry, so that the memory it touches does not tell i.
//
//go:norace
func (w *window) pick(z *element, i byte) {
	*z = element{}
	for j := range w {
		mask := -uint64(subtle.ConstantTimeByteEq(uint8(j), i))
		for l, limb := range &w[j] {
			z[l] |= limb & mask
		}
	}
}

// generatorPowers has a row for each digit of an exponent of windowBits, the lowest first: row i holds the powers of g^(2^(i·windowBits)). With it a
// power of g needs no squaring.
var generatorPowers = sync.OnceValue(func() *[windows]window {
	rows := new([windows]window)
	y := two
	for i := range rows {
		rows[i].fill(&y)
		y.mul(&rows[i][len(rows[i])-1], &y)
	}
	return rows
})

// digit returns digit i of an exponent, of windowBits; the lowest is digit 0. e is big-endian.
func digit(e *[exponentBytes]byte, i int) byte {
	at := i * windowBits
	low := exponentBytes - 1 - at/8
	bits := uint(e[low])
	if low > 0 {
		bits |= uint(e[low-1]) << 8
	}
	return byte(bits>>(at%8)) & (1<<windowBits - 1)
}

// generatorPower returns g^e in constant time; e is big-endian.
func generatorPower(e *[exponentBytes]byte) *element {
	rows := generatorPowers()
	var z, factor element
	rows[0].pick(&z, digit(e, 0))
	for i := 1; i < windows; i++ {
		rows[i].pick(&factor, digit(e, i))
		z.mul(&z, &factor)
	}
	return &z
}
