package token

import (
	"crypto"
	"crypto/rsa"
	_ "crypto/sha256" // the hashes of the algorithms
	_ "crypto/sha512"
	"encoding/base64"
	"encoding/json"
	"fmt"

	"github.com/go-jose/go-jose/v4"
)

// jwsHeader is the header of a token, whose members come in this order.
type jwsHeader struct {
	Algorithm jose.SignatureAlgorithm `json:"alg"`
	KeyID     string                  `json:"kid"`
	Type      string                  `json:"typ,omitempty"`
}

// jwsHashes are the hashes of the algorithms that tokens are signed by.
var jwsHashes = map[jose.SignatureAlgorithm]crypto.Hash{jose.RS256: crypto.SHA256, jose.RS512: crypto.SHA512}

// signJWS makes a compact JWS of the claims (RFC 7515, section 7.1), signed with PKCS #1 v1.5 (RFC 7518, section 3.3). It is not left to go-jose,
// which makes a signer for each token and encodes the header twice.
func signJWS(by *Signer, key *rsa.PrivateKey, header jwsHeader, claims map[string]any) (string, error) {
	hash, known := jwsHashes[header.Algorithm]
	if !known {
		return "", fmt.Errorf("no signatures by %s", header.Algorithm)
	}
	head, err := json.Marshal(header)
	if err != nil {
		return "", err
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		return "", err
	}
	encoding := base64.RawURLEncoding
	jws := make([]byte, 0, encoding.EncodedLen(len(head))+encoding.EncodedLen(len(payload))+encoding.EncodedLen(key.Size())+2)
	jws = encoding.AppendEncode(jws, head)
	jws = append(jws, '.')
	jws = encoding.AppendEncode(jws, payload)
	h := hash.New()
	_, _ = h.Write(jws) // never fails
	signature, err := by.sign(key, hash, h.Sum(nil))
	if err != nil {
		return "", err
	}
	jws = append(jws, '.')
	return string(encoding.AppendEncode(jws, signature)), nil
}
