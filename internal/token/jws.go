package token

import (
	"crypto"
	"crypto/rsa"
	_ "crypto/sha256" // the hashes that SignPayload looks up
	_ "crypto/sha512"
	"encoding/json"
	"fmt"

	"github.com/go-jose/go-jose/v4"
)

// signJWS makes a compact JWS of the claims.
func signJWS(by signature, options *jose.SignerOptions, claims map[string]any) (string, error) {
	payload, err := json.Marshal(claims)
	if err != nil {
		return "", err
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.SignatureAlgorithm(by.public.Algorithm), Key: by}, options)
	if err != nil {
		return "", err
	}
	jws, err := signer.Sign(payload)
	if err != nil {
		return "", err
	}
	return jws.CompactSerialize()
}

// signature is a key as go-jose asks for signatures by it.
type signature struct {
	signer  *Signer
	private *rsa.PrivateKey
	public  *jose.JSONWebKey // with the algorithm
}

// Public returns the verification key.
func (s signature) Public() *jose.JSONWebKey { return s.public }

// Algs returns the algorithm of the key.
func (s signature) Algs() []jose.SignatureAlgorithm {
	return []jose.SignatureAlgorithm{jose.SignatureAlgorithm(s.public.Algorithm)}
}

// SignPayload signs with PKCS #1 v1.5 (RFC 7518, section 3.3).
func (s signature) SignPayload(payload []byte, alg jose.SignatureAlgorithm) ([]byte, error) {
	hash, known := map[jose.SignatureAlgorithm]crypto.Hash{jose.RS256: crypto.SHA256, jose.RS512: crypto.SHA512}[alg]
	if !known {
		return nil, fmt.Errorf("no signatures by %s", alg)
	}
	h := hash.New()
	h.Write(payload)
	return s.signer.sign(s.private, hash, h.Sum(nil))
}
