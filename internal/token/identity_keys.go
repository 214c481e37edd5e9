package token

import (
	"errors"
	"fmt"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/wire"
)

// IdentityKeys are the keys of the server itself, with which OpenID tokens of identities are signed (RS512, as on the service).
type IdentityKeys pool.KeyRing

// NewIdentityKey makes a key.
func NewIdentityKey(now time.Time) (k pool.SigningKey, err error) {
	private, err := newKey()
	if err != nil {
		return k, err
	}
	return pool.SigningKey{ID: pool.IdentityKeyID(private), Use: pool.SignsIdentity, Private: private, Created: now}, nil
}

// Sign makes a compact JWS of the claims.
func (r IdentityKeys) Sign(signer *Signer, claims map[string]any, now time.Time) (string, error) {
	k := signingKey(pool.KeyRing(r), pool.SignsIdentity, now)
	if k == nil {
		return "", errors.New("no key signs OpenID tokens of identities")
	}
	return signJWS(signer, k.Private, jwsHeader{Algorithm: jose.RS512, KeyID: k.ID, Type: "JWS"}, claims)
}

func publicIdentityKey(k *pool.SigningKey) *jose.JSONWebKey {
	return &jose.JSONWebKey{Key: k.Private.Public(), KeyID: k.ID, Algorithm: string(jose.RS512), Use: "sig"}
}

// Verify verifies a token that Sign made and returns its amr claim. The texts are the service's for logins of identity pools.
func (r IdentityKeys) Verify(raw, issuer, audience string, now time.Time) (amr []string, err error) {
	refuse := func(text string) error { return fault.New(fault.NotAuthorized, "Invalid login token. "+text) }
	jws, err := jose.ParseSignedCompact(raw, []jose.SignatureAlgorithm{jose.RS512})
	if err != nil {
		return nil, refuse("Not a Cognito token.")
	}
	k := pool.KeyRing(r).Verifying(jws.Signatures[0].Header.KeyID, now)
	if k == nil {
		return nil, refuse("Couldn't verify signed token.")
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

// JWKS returns the public keys that verify at the time as a key set.
func (r IdentityKeys) JWKS(now time.Time) jose.JSONWebKeySet {
	set := jose.JSONWebKeySet{Keys: []jose.JSONWebKey{}}
	for i := range r {
		if k := &r[i]; pool.KeyRing(r).Verifying(k.ID, now) != nil {
			set.Keys = append(set.Keys, *publicIdentityKey(k))
		}
	}
	return set
}
