package hostile_test

import (
	"crypto"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"encoding/pem"
	"io"
	"math/big"
	"net/http"
	"strings"
	"testing"
)

// b64 is the encoding of the parts of a token.
var b64 = base64.RawURLEncoding

// publicKey is a key of a pool as everybody can read it.
type publicKey struct {
	Kid, N, E string
	jwk       []byte // as published
}

// keysOf reads the keys that a pool publishes, by their ids.
func keysOf(t testing.TB, f *fixture) map[string]publicKey {
	t.Helper()
	resp, err := http.Get(f.URL + "/" + f.pool + "/.well-known/jwks.json")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	var set struct{ Keys []json.RawMessage }
	if err := json.Unmarshal(text, &set); err != nil {
		t.Fatal(err)
	}
	keys := map[string]publicKey{}
	for _, jwk := range set.Keys {
		k := publicKey{jwk: jwk}
		if err := json.Unmarshal(jwk, &k); err != nil {
			t.Fatal(err)
		}
		keys[k.Kid] = k
	}
	return keys
}

// pem is the key in the form in which a careless verifier would take it for an HMAC secret.
func (k publicKey) pem(t testing.TB) []byte {
	t.Helper()
	n, err := b64.DecodeString(k.N)
	if err != nil {
		t.Fatal(err)
	}
	e, err := b64.DecodeString(k.E)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(&rsa.PublicKey{N: new(big.Int).SetBytes(n), E: int(new(big.Int).SetBytes(e).Int64())})
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
}

// part makes one part of a token.
func part(t testing.TB, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b64.EncodeToString(text)
}

// read returns the header and the claims of a signed token.
func read(t testing.TB, token string) (header, claims map[string]any) {
	t.Helper()
	parts := strings.Split(token, ".")
	for i, into := range []*map[string]any{&header, &claims} {
		text, err := b64.DecodeString(parts[i])
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(text, into); err != nil {
			t.Fatal(err)
		}
	}
	return header, claims
}

func hs256(key []byte, signed string) string {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(signed))
	return b64.EncodeToString(h.Sum(nil))
}

// stranger is a key that the server has never seen.
var stranger = func() *rsa.PrivateKey {
	k, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return k
}()

func rs256(t testing.TB, signed string) string {
	t.Helper()
	digest := sha256.Sum256([]byte(signed))
	s, err := rsa.SignPKCS1v15(rand.Reader, stranger, crypto.SHA256, digest[:])
	if err != nil {
		t.Fatal(err)
	}
	return b64.EncodeToString(s)
}

// strangerJWK is the stranger's public key, for a header that offers the key to verify with.
func strangerJWK() map[string]any {
	return map[string]any{"kty": "RSA", "n": b64.EncodeToString(stranger.N.Bytes()), "e": b64.EncodeToString(binary.BigEndian.AppendUint32(nil, uint32(stranger.E))[1:])}
}

// forgeries makes tokens that say of themselves to be this one's like, by the ways in which verifiers have been fooled.
func forgeries(t testing.TB, f *fixture, token string) map[string]string {
	t.Helper()
	parts := strings.Split(token, ".")
	header, claims := read(t, token)
	kid := header["kid"].(string)
	key := keysOf(t, f)[kid]
	flip := func(s string, at int) string {
		b := []byte(s)
		b[at] = map[bool]byte{true: 'B', false: 'A'}[b[at] == 'A']
		return string(b)
	}
	with := func(name string, value any) string {
		changed := map[string]any{name: value}
		for n, v := range claims {
			if n != name {
				changed[n] = v
			}
		}
		return part(t, changed)
	}
	all := map[string]string{
		"a flipped bit in the signature": parts[0] + "." + parts[1] + "." + flip(parts[2], 100),
		"a flipped bit in the claims":    parts[0] + "." + flip(parts[1], len(parts[1])/2) + "." + parts[2],
		"another subject":                parts[0] + "." + with("sub", "00000000-0000-4000-8000-000000000000") + "." + parts[2],
		"a later end":                    parts[0] + "." + with("exp", 4102444800) + "." + parts[2],
		"no signature":                   parts[0] + "." + parts[1] + ".",
		"half a signature":               parts[0] + "." + parts[1] + "." + parts[2][:100],
		"a longer signature":             token + "AAAA",
		"a signature of zeros":           parts[0] + "." + parts[1] + "." + b64.EncodeToString(make([]byte, 256)),
		"four parts":                     token + "." + parts[2],
		"two parts":                      parts[0] + "." + parts[1],
		"no parts":                       "..",
		"claims that are no object":      parts[0] + "." + part(t, "x") + "." + parts[2],
		"no claims":                      parts[0] + ".." + parts[2],
		"an unknown key":                 part(t, map[string]any{"alg": "RS256", "kid": "AAAA"}) + "." + parts[1] + "." + parts[2],
		"no key id":                      part(t, map[string]any{"alg": "RS256"}) + "." + parts[1] + "." + parts[2],
		"a key id that is a path":        part(t, map[string]any{"alg": "RS256", "kid": "../../../dev/null"}) + "." + parts[1] + "." + parts[2],
		"a critical header":              part(t, map[string]any{"alg": "RS256", "kid": kid, "crit": []string{"b64"}, "b64": false}) + "." + parts[1] + "." + parts[2],
	}
	for _, alg := range []string{"none", "None", "NONE", "nOnE", ""} {
		all["alg "+alg] = part(t, map[string]any{"alg": alg, "kid": kid}) + "." + parts[1] + "."
		all["alg "+alg+" and a signature"] = part(t, map[string]any{"alg": alg, "kid": kid}) + "." + parts[1] + "." + parts[2]
	}
	signed := part(t, map[string]any{"alg": "HS256", "kid": kid}) + "." + parts[1]
	n, _ := b64.DecodeString(key.N)
	for what, secret := range map[string][]byte{"PEM": key.pem(t), "JWK": key.jwk, "modulus": n, "modulus text": []byte(key.N), "empty": {}} {
		all["HS256 with the public key as "+what] = signed + "." + hs256(secret, signed)
	}
	for what, h := range map[string]map[string]any{
		"under the pool's key id":     {"alg": "RS256", "kid": kid},
		"that brings its own key":     {"alg": "RS256", "kid": kid, "jwk": strangerJWK()},
		"that says where its key is":  {"alg": "RS256", "kid": kid, "jku": f.URL + "/keys", "x5u": f.URL + "/keys"},
		"by another algorithm's name": {"alg": "RS512", "kid": kid},
	} {
		signed := part(t, h) + "." + parts[1]
		all["a stranger's signature "+what] = signed + "." + rs256(t, signed)
	}
	return all
}

// refreshForgeries makes refresh tokens in the form of the server's, by those who do not have its key.
func refreshForgeries(t testing.TB, token string) map[string]string {
	t.Helper()
	parts := strings.Split(token, ".")
	if len(parts) != 5 {
		t.Fatalf("a refresh token of %d parts", len(parts))
	}
	change := func(i int, text string) string {
		p := append([]string(nil), parts...)
		p[i] = text
		return strings.Join(p, ".")
	}
	flipped := func(i int) string {
		b := []byte(parts[i])
		b[len(b)/2] = map[bool]byte{true: 'B', false: 'A'}[b[len(b)/2] == 'A']
		return change(i, string(b))
	}
	all := map[string]string{
		"a flipped bit in the vector": flipped(2), "a flipped bit inside": flipped(3), "a flipped bit in the tag": flipped(4),
		"a short tag": change(4, parts[4][:8]), "no tag": change(4, ""), "no content": change(3, ""), "a key where none belongs": change(1, "AAAA"),
		"truncated": token[:len(token)-10], "extended": token + "AAAA", "twice": token + "." + token, "dots": "....",
		"no algorithm":      change(0, part(t, map[string]any{"alg": "none", "enc": "A256GCM"})),
		"another algorithm": change(0, part(t, map[string]any{"alg": "PBES2-HS256+A128KW", "enc": "A256GCM", "p2c": 1 << 30, "p2s": "AAAA"})),
		"RSA":               change(0, part(t, map[string]any{"alg": "RSA-OAEP", "enc": "A256GCM"})),
		"compressed":        change(0, part(t, map[string]any{"alg": "dir", "enc": "A256GCM", "zip": "DEF"})),
	}
	block, err := aes.NewCipher(make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		t.Fatal(err)
	}
	header := part(t, map[string]any{"alg": "dir", "enc": "A256GCM"})
	sealed := gcm.Seal(nil, make([]byte, 12), []byte(`{"p":"x"}`), []byte(header))
	all["a key of zeros"] = header + ".." + b64.EncodeToString(make([]byte, 12)) + "." + b64.EncodeToString(sealed[:len(sealed)-16]) + "." + b64.EncodeToString(sealed[len(sealed)-16:])
	return all
}

// secretHash is SECRET_HASH.
func secretHash(secret, username, client string) string {
	h := hmac.New(sha256.New, []byte(secret))
	h.Write([]byte(username + client))
	return base64.StdEncoding.EncodeToString(h.Sum(nil))
}
