package verify

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"slices"

	"github.com/go-jose/go-jose/v4"
)

// algorithms are all that are accepted: asymmetric ones.
var algorithms = []jose.SignatureAlgorithm{
	jose.RS256, jose.RS384, jose.RS512, jose.PS256, jose.PS384, jose.PS512, jose.ES256, jose.ES384, jose.ES512, jose.EdDSA,
}

const minRSABits = 2048

// algorithmsOf returns those that a key may sign by: the one that it names, else those of its kind.
func algorithmsOf(key *jose.JSONWebKey) []jose.SignatureAlgorithm {
	var kind []jose.SignatureAlgorithm
	switch k := key.Key.(type) {
	case *rsa.PublicKey:
		if k.N.BitLen() >= minRSABits && k.N.BitLen() <= 8*minRSABits {
			kind = algorithms[:6]
		}
	case *ecdsa.PublicKey:
		switch k.Curve {
		case elliptic.P256():
			kind = []jose.SignatureAlgorithm{jose.ES256}
		case elliptic.P384():
			kind = []jose.SignatureAlgorithm{jose.ES384}
		case elliptic.P521():
			kind = []jose.SignatureAlgorithm{jose.ES512}
		}
	case ed25519.PublicKey:
		kind = []jose.SignatureAlgorithm{jose.EdDSA}
	}
	if key.Algorithm == "" {
		return kind
	}
	named := jose.SignatureAlgorithm(key.Algorithm)
	if !slices.Contains(kind, named) {
		return nil
	}
	return []jose.SignatureAlgorithm{named}
}
