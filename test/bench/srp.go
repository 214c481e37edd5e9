package bench

import (
	"bytes"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"math/big"
)

// prover is the client's side of SRP at the least cost: client/srp takes constant time over secrets, and so takes more processor time than
// the server, which then waits for a processor and finds its caches cold. What can be used again is: the key pair, and k·g^x of the
// password. One power is left for each sign-in.
type prover struct {
	a, public  *big.Int
	x, product *big.Int // of the password
	scope, id  string
}

// newProver returns the prover of a password: scope is the pool's name, the id is USER_ID_FOR_SRP, salt is in hexadecimal.
func newProver(scope, id, password, salt string) *prover {
	generator, a := big.NewInt(2), randomInt(256)
	inner := sha256.Sum256([]byte(scope + id + ":" + password))
	x := digest(pad(number(salt)), inner[:])
	k := digest(pad(group), pad(generator))
	product := new(big.Int).Exp(generator, x, group)
	return &prover{
		a: a, public: new(big.Int).Exp(generator, a, group),
		x: x, product: product.Mul(product, k),
		scope: scope, id: id,
	}
}

// proof returns PASSWORD_CLAIM_SIGNATURE.
func (p *prover) proof(srpB string, block []byte, timestamp string) string {
	b := number(srpB)
	u := digest(pad(p.public), pad(b))
	base := new(big.Int).Sub(b, p.product)
	exponent := new(big.Int).Mul(u, p.x)
	secret := base.Exp(base.Mod(base, group), exponent.Add(exponent, p.a), group)
	key, err := hkdf.Key(sha256.New, pad(secret), pad(u), "Caldera Derived Key", 16)
	if err != nil {
		panic(err) // 16 bytes are below the limit of HKDF
	}
	mac := hmac.New(sha256.New, key)
	for _, part := range [][]byte{[]byte(p.scope), []byte(p.id), block, []byte(timestamp)} {
		_, _ = mac.Write(part) // never fails
	}
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// number reads hexadecimal digits.
func number(digits string) *big.Int {
	n, ok := new(big.Int).SetString(digits, 16)
	if !ok {
		panic("not a number: " + digits)
	}
	return n
}

func digest(parts ...[]byte) *big.Int {
	sum := sha256.Sum256(bytes.Join(parts, nil))
	return new(big.Int).SetBytes(sum[:])
}

// pad is the shortest two's complement, which the exchange hashes.
func pad(n *big.Int) []byte {
	b := n.Bytes()
	if len(b) == 0 || b[0] >= 0x80 {
		return append([]byte{0}, b...)
	}
	return b
}
