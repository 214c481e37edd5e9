package gosdk_test

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"math/big"
	"strings"
	"testing"
	"time"
)

// group is the 3072-bit prime of RFC 3526 section 4, computed from its definition, with the generator 2.
var group = func() *big.Int {
	one := big.NewInt(1)
	n := new(big.Int).Lsh(one, 3072)
	n.Sub(n, new(big.Int).Lsh(one, 3008)).Sub(n, one)
	return n.Add(n, new(big.Int).Lsh(new(big.Int).Add(pi(2942), big.NewInt(1690314)), 64))
}()

// pi returns the integer part of pi·2^bits, by Machin's formula.
func pi(bits uint) *big.Int {
	const guard = 64
	one := new(big.Int).Lsh(big.NewInt(1), bits+guard)
	arctan := func(inverse int64) *big.Int {
		square := big.NewInt(inverse * inverse)
		term := new(big.Int).Div(one, big.NewInt(inverse))
		sum := new(big.Int).Set(term)
		for i, sign := int64(3), -1; term.Sign() != 0; i, sign = i+2, -sign {
			term.Div(term, square)
			part := new(big.Int).Div(term, big.NewInt(i))
			if sign < 0 {
				part.Neg(part)
			}
			sum.Add(sum, part)
		}
		return sum
	}
	quarter := new(big.Int).Sub(new(big.Int).Mul(big.NewInt(4), arctan(5)), arctan(239))
	return quarter.Lsh(quarter, 2).Rsh(quarter, guard)
}

// pad is a non-negative number as Java writes it: minimal two's complement, big-endian.
func pad(n *big.Int) []byte {
	b := n.Bytes()
	if len(b) == 0 || b[0]&0x80 != 0 {
		b = append([]byte{0}, b...)
	}
	return b
}

func hash(parts ...[]byte) *big.Int {
	h := sha256.New()
	for _, p := range parts {
		h.Write(p)
	}
	return new(big.Int).SetBytes(h.Sum(nil))
}

func mac(key []byte, parts ...[]byte) []byte {
	h := hmac.New(sha256.New, key)
	for _, p := range parts {
		h.Write(p)
	}
	return h.Sum(nil)
}

var (
	two        = big.NewInt(2)
	multiplier = hash(pad(group), pad(two))
)

// exchange is a client's half of one SRP sign-in.
type exchange struct{ a, public *big.Int }

func newExchange() exchange {
	secret := make([]byte, 128) // as long as the browsers' secrets
	rand.Read(secret)
	return exchangeOf(new(big.Int).SetBytes(secret))
}

func exchangeOf(a *big.Int) exchange { return exchange{a, new(big.Int).Exp(two, a, group)} }

func (e exchange) A() string { return e.public.Text(16) }

// secret is S = (B - k·g^x)^(a + u·x), with the two hashes that lead to it.
func (e exchange) secret(poolName, id, password string, salt, b *big.Int) (s, u *big.Int) {
	u = hash(pad(e.public), pad(b))
	x := hash(pad(salt), hash32([]byte(poolName+id+":"+password)))
	base := new(big.Int).Mul(multiplier, new(big.Int).Exp(two, x, group))
	base.Sub(b, base).Mod(base, group)
	return base.Exp(base, new(big.Int).Add(e.a, new(big.Int).Mul(u, x)), group), u
}

func hash32(b []byte) []byte {
	sum := sha256.Sum256(b)
	return sum[:]
}

// prove signs the secret block and the timestamp with the key that S and u give.
func prove(s, u *big.Int, poolName, id string, secretBlock []byte, timestamp string) string {
	key := mac(mac(pad(u), pad(s)), []byte("Caldera Derived Key\x01"))[:16]
	return base64.StdEncoding.EncodeToString(mac(key, []byte(poolName), []byte(id), secretBlock, []byte(timestamp)))
}

func number(t *testing.T, hex string) *big.Int {
	t.Helper()
	n, ok := new(big.Int).SetString(hex, 16)
	if !ok || hex != strings.ToLower(hex) {
		t.Fatalf("%q is no lower-case hexadecimal number", hex)
	}
	return n
}

// stamp is the form of time that the proof covers.
func stamp(at time.Time) string { return at.UTC().Format("Mon Jan 2 15:04:05 UTC 2006") }

func TestTheProofOfAPublishedExample(t *testing.T) {
	t.Parallel()
	if got, want := multiplier.Text(16), "538282c4354742d7cbbde2359fcf67f9f5b3a6b08791e5011b43b8a5b66d9ee6"; got != want {
		t.Fatalf("k = %s, want %s", got, want)
	}
	e := exchangeOf(new(big.Int).SetBytes([]byte(strings.Repeat("\xa1", 128))))
	if got, want := fmt.Sprintf("%x", hash32([]byte(e.A()))), "000eb605dbc549f0de97a195273b9cfd9527f21de3389ac0505181cc2d4ad1e5"; got != want {
		t.Fatalf("hash of A = %s, want %s", got, want)
	}
	const poolName, id, secret = "Abc123XyZ", "alice", "correct horse"
	salt := number(t, "723e4")
	x := hash(pad(salt), hash32([]byte(poolName+id+":"+secret)))
	b := new(big.Int).Exp(two, new(big.Int).SetBytes([]byte(strings.Repeat("\x0b", 128))), group)
	b.Add(b, new(big.Int).Mul(multiplier, new(big.Int).Exp(two, x, group))).Mod(b, group)
	block := make([]byte, 64)
	for i := range block {
		block[i] = byte(i)
	}
	s, u := e.secret(poolName, id, secret, salt, b)
	if got, want := prove(s, u, poolName, id, block, "Sat Sep 5 09:08:07 UTC 2026"), "VK5t7yLuoEJLKsXFVfqkKVY0EneDns/fRfHpY9gRULk="; got != want {
		t.Errorf("proof = %s, want %s", got, want)
	}
}
