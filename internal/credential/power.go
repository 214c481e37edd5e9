package credential

import (
	"crypto/subtle"
	"sync"
)

// window is a row of powers y^0 .. y^15, from which one is chosen by four bits of an exponent.
type window [16]element

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

// generatorPowers has a row for each four bits of an exponent, the lowest first: row i holds g^(j·16^i). With it a power of g
// needs no squaring.
var generatorPowers = sync.OnceValue(func() *[2 * exponentBytes]window {
	rows := new([2 * exponentBytes]window)
	y := two
	for i := range rows {
		rows[i].fill(&y)
		y.mul(&rows[i][15], &y)
	}
	return rows
})

// generatorPower returns g^e in constant time; e is big-endian.
func generatorPower(e *[exponentBytes]byte) *element {
	rows := generatorPowers()
	var z, factor element
	for i := range rows {
		digit := e[exponentBytes-1-i/2] >> (4 * (i % 2)) & 15
		if i == 0 {
			rows[i].pick(&z, digit)
			continue
		}
		rows[i].pick(&factor, digit)
		z.mul(&z, &factor)
	}
	return &z
}
