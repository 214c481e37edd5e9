package credential

import (
	"bytes"
	"crypto/rand"
	"math/big"
	"testing"
)

// edges are numbers at which carries and the last subtraction could go wrong.
func edges() []*big.Int {
	n := func(d int64) *big.Int { return new(big.Int).Sub(prime, big.NewInt(d)) }
	half := new(big.Int).Rsh(prime, 1)
	top := new(big.Int).Lsh(big.NewInt(1), 3071)
	r := new(big.Int).Lsh(big.NewInt(1), 3072)
	return []*big.Int{
		new(big.Int), big.NewInt(1), big.NewInt(2), n(1), n(2), half, new(big.Int).Add(half, big.NewInt(1)), top,
		r.Sub(r, prime), new(big.Int).Sub(top, big.NewInt(1)), new(big.Int).SetUint64(1<<64 - 1),
	}
}

func randomNumber(t testing.TB) *big.Int {
	t.Helper()
	n, err := rand.Int(rand.Reader, prime)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestElementMultipliesAsIntegersDo(t *testing.T) {
	t.Parallel()
	numbers := edges()
	for range 40 {
		numbers = append(numbers, randomNumber(t))
	}
	for _, x := range numbers {
		for _, y := range numbers {
			checkMul(t, x, y)
		}
	}
}

func checkMul(t *testing.T, x, y *big.Int) {
	t.Helper()
	want := new(big.Int).Mul(x, y)
	want.Mod(want, prime)
	ex, ey := newElement(x), newElement(y)
	var got element
	got.mul(&ex, &ey)
	if !bytes.Equal(got.bytes(), want.FillBytes(make([]byte, groupBytes))) {
		t.Errorf("%x · %x: got %x, want %x", x, y, got.bytes(), want)
	}
	ex.mul(&ex, &ey) // in place
	if ex != got {
		t.Errorf("%x · %x differs in place", x, y)
	}
}

func FuzzElementMul(f *testing.F) {
	for _, e := range edges() {
		f.Add(e.Bytes(), prime.Bytes())
	}
	f.Fuzz(func(t *testing.T, a, b []byte) {
		x, y := new(big.Int).SetBytes(a), new(big.Int).SetBytes(b)
		checkMul(t, x.Mod(x, prime), y.Mod(y, prime))
	})
}

func TestReduceOnceKeepsResultsBelowN(t *testing.T) {
	t.Parallel()
	for _, n := range append(edges(), prime) {
		for carry := range uint64(2) {
			sum := new(big.Int).Add(n, new(big.Int).Lsh(new(big.Int).SetUint64(carry), 3072))
			if sum.Cmp(new(big.Int).Lsh(prime, 1)) >= 0 {
				continue // cannot come out of mul
			}
			in := rawElement(n)
			var got element
			got.reduceOnce(&in, carry)
			if got != rawElement(sum.Mod(sum, prime)) {
				t.Errorf("%x with carry %d is not reduced", n, carry)
			}
		}
	}
}

func TestPowersAgreeWithMathBig(t *testing.T) {
	t.Parallel()
	exponents := [][exponentBytes]byte{{}, {31: 1}, {0: 0x80}, {0: 0xf0, 31: 0x0f}, [exponentBytes]byte(bytes.Repeat([]byte{0xff}, exponentBytes))}
	for range 20 {
		var e [exponentBytes]byte
		rand.Read(e[:])
		exponents = append(exponents, e)
	}
	for _, e := range exponents {
		n := new(big.Int).SetBytes(e[:])
		want := new(big.Int).Exp(big.NewInt(2), n, prime).FillBytes(make([]byte, groupBytes))
		if got := generatorPower(&e).bytes(); !bytes.Equal(got, want) {
			t.Errorf("2^%x: got %x, want %x", e, got, want)
		}
	}
}

func BenchmarkFixedBase(b *testing.B) {
	var e [exponentBytes]byte
	rand.Read(e[:])
	generatorPower(&e)
	for b.Loop() {
		generatorPower(&e)
	}
}

func BenchmarkTable(b *testing.B) {
	var rows [2 * exponentBytes]window
	for b.Loop() {
		y := two
		for i := range rows {
			rows[i].fill(&y)
			y.mul(&rows[i][15], &y)
		}
	}
}
