package federate

import (
	"context"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/go-jose/go-jose/v4"
)

// secretAlgorithms are those with which a provider may sign by the secret that it shares with the client, as LINE does.
var secretAlgorithms = []string{string(jose.HS256), string(jose.HS384), string(jose.HS512)}

// secretKeys verify a token that says that it is signed by the client secret with that secret, and any other with the keys that the provider
// publishes (OpenID Connect Core 1.0, section 10.1): a published key is never a secret. A secret that is shorter than the hash counts for nothing
// (RFC 7518, section 3.2).
type secretKeys struct {
	published oidc.KeySet
	secret    string
}

// VerifySignature implements oidc.KeySet.
func (k secretKeys) VerifySignature(ctx context.Context, raw string) ([]byte, error) {
	token, err := jose.ParseSignedCompact(raw, []jose.SignatureAlgorithm{jose.HS256, jose.HS384, jose.HS512})
	if err != nil {
		return k.published.VerifySignature(ctx, raw)
	}
	return token.Verify([]byte(k.secret))
}
