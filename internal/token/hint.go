package token

import (
	"github.com/go-jose/go-jose/v4"

	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/wire"
)

// HintedClient returns the client that an ID token of ours was issued to, however old the token is (id_token_hint, OpenID Connect
// RP-Initiated Logout 1.0, section 2); empty when it is no such token. poolOf returns the pool of a client, or nil.
func (i *Issuer) HintedClient(raw string, poolOf func(clientID string) *pool.Pool) string {
	jws, err := jose.ParseSignedCompact(raw, []jose.SignatureAlgorithm{jose.RS256})
	if err != nil {
		return ""
	}
	var c struct {
		Audience string `json:"aud"`
		Use      string `json:"token_use"`
		Issuer   string `json:"iss"`
	}
	if wire.Unmarshal(jws.UnsafePayloadWithoutVerification(), &c) != nil || c.Use != "id" {
		return ""
	}
	p := poolOf(c.Audience)
	if p == nil || c.Issuer != i.URL(p) {
		return ""
	}
	key := p.Keys.Verifying(jws.Signatures[0].Header.KeyID, i.Now())
	if key == nil || key.Use != pool.SignsID {
		return ""
	}
	if _, err := jws.Verify(key.Private.Public()); err != nil {
		return ""
	}
	return c.Audience
}
