package federate

import (
	"context"
	"crypto"
	"encoding/base64"
	"errors"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/go-jose/go-jose/v4"
)

// secretAlgorithms are those with which a provider may sign by the secret that it shares with the client, as LINE does.
var secretAlgorithms = []jose.SignatureAlgorithm{jose.HS256, jose.HS384, jose.HS512}

// secretHashes are the hashes of those algorithms.
var secretHashes = map[jose.SignatureAlgorithm]crypto.Hash{jose.HS256: crypto.SHA256, jose.HS384: crypto.SHA384, jose.HS512: crypto.SHA512}

// secretKeys verify a token that says that it is signed by the client secret with that secret, and any other with the keys that the provider
// publishes (OpenID Connect Core 1.0, section 10.1): a published key is never a secret. A secret that is shorter than the hash counts for nothing
// (RFC 7518, section 3.2).
type secretKeys struct {
	published oidc.KeySet
	secret    string
}

// VerifySignature implements oidc.KeySet.
func (k secretKeys) VerifySignature(ctx context.Context, raw string) ([]byte, error) {
	token, err := jose.ParseSignedCompact(raw, secretAlgorithms)
	if err != nil {
		return k.published.VerifySignature(ctx, raw)
	}
	return token.Verify([]byte(k.secret))
}

// checkAccess compares the at_hash of a verified ID token, if it has one, with the access token that came along (OpenID Connect Core 1.0, section
// 3.1.3.6). The library does so for the algorithms of published keys.
func checkAccess(token *oidc.IDToken, raw, access string) error {
	if token.AccessTokenHash == "" {
		return nil
	}
	signed, err := jose.ParseSignedCompact(raw, secretAlgorithms)
	if err != nil {
		return token.VerifyAccessToken(access)
	}
	hash := secretHashes[jose.SignatureAlgorithm(signed.Signatures[0].Header.Algorithm)].New()
	hash.Write([]byte(access))
	if base64.RawURLEncoding.EncodeToString(hash.Sum(nil)[:hash.Size()/2]) != token.AccessTokenHash {
		return errors.New("the access token is not the one that at_hash tells")
	}
	return nil
}
