package token

import (
	"crypto/rsa"
	"fmt"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/wire"
)

// SharedKey is the key of the server itself, with which OpenID tokens of identities are signed (RS512, as on the service).
type SharedKey struct {
	ID      string
	Private *rsa.PrivateKey
}

// Sign makes a compact JWS of the claims.
func (k *SharedKey) Sign(signer *Signer, claims map[string]any) (string, error) {
	return signJWS(signature{signer, k.Private, k.public()}, (&jose.SignerOptions{}).WithType("JWS"), claims)
}

func (k *SharedKey) public() *jose.JSONWebKey {
	return &jose.JSONWebKey{Key: k.Private.Public(), KeyID: k.ID, Algorithm: string(jose.RS512), Use: "sig"}
}

// Verify verifies a token that Sign made and returns its amr claim. The texts are the service's for logins of identity pools.
func (k *SharedKey) Verify(raw, issuer, audience string, now time.Time) (amr []string, err error) {
	refuse := func(text string) error { return fault.New(fault.NotAuthorized, "Invalid login token. "+text) }
	jws, err := jose.ParseSignedCompact(raw, []jose.SignatureAlgorithm{jose.RS512})
	if err != nil {
		return nil, refuse("Not a Cognito token.")
	}
	payload, err := jws.Verify(k.Private.Public())
	if err != nil {
		return nil, refuse("Couldn't verify signed token.")
	}
	var c struct {
		Issuer   string   `json:"iss"`
		Audience string   `json:"aud"`
		AMR      []string `json:"amr"`
		Expires  int64    `json:"exp"`
	}
	switch {
	case wire.Unmarshal(payload, &c) != nil || c.Issuer != issuer:
		return nil, refuse("Issuer doesn't match providerName")
	case c.Audience != audience:
		return nil, fault.New(fault.NotAuthorized, "Incorrect token audience.")
	case now.Unix() >= c.Expires:
		return nil, refuse(fmt.Sprintf("Token expired: %d >= %d", now.Unix(), c.Expires))
	}
	return c.AMR, nil
}

// JWKS returns the public key as a key set.
func (k *SharedKey) JWKS() jose.JSONWebKeySet {
	return jose.JSONWebKeySet{Keys: []jose.JSONWebKey{*k.public()}}
}
