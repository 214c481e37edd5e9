package token

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/cenote-id/cenote/internal/pool"
)

// KeyMaker makes the RSA keys of new pools ahead of time, so that nobody waits for one: making a key costs tens of milliseconds.
type KeyMaker struct {
	now   func() time.Time
	ready chan *rsa.PrivateKey
}

// NewKeyMaker returns a maker that keeps up to ahead keys ready once Run is called. Without Run, keys are made when asked for.
func NewKeyMaker(now func() time.Time, ahead int) *KeyMaker {
	return &KeyMaker{now: now, ready: make(chan *rsa.PrivateKey, ahead)}
}

// Run makes keys ahead until the context ends.
func (m *KeyMaker) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		key, err := newKey()
		if err != nil {
			return err
		}
		select {
		case m.ready <- key:
		case <-ctx.Done():
		}
	}
	return nil
}

// Pair returns the two keys of a pool: for ID tokens and for access tokens.
func (m *KeyMaker) Pair() ([]pool.SigningKey, error) {
	var pair []pool.SigningKey
	for _, use := range []pool.KeyUse{pool.SignsID, pool.SignsAccess} {
		private, err := m.take()
		if err != nil {
			return nil, err
		}
		pair = append(pair, pool.SigningKey{ID: keyID(private), Use: use, Private: private, Created: m.now()})
	}
	return pair, nil
}

func (m *KeyMaker) take() (*rsa.PrivateKey, error) {
	select {
	case key := <-m.ready:
		return key, nil
	default:
		return newKey()
	}
}

func newKey() (*rsa.PrivateKey, error) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, fmt.Errorf("make RSA key: %w", err)
	}
	return key, nil
}

// keyID derives the kid from the public key: base64 of 32 bytes, as the service's kids look.
func keyID(key *rsa.PrivateKey) string {
	sum := sha256.Sum256(x509.MarshalPKCS1PublicKey(&key.PublicKey))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// publishedFor is how long a new key is published before it signs: longer than a node may be late to learn of it.
const publishedFor = 2 * time.Second

// signingKey returns the key that signs tokens of the use now, or nil when there is none. A key that has just been made leaves it to
// the one before, which still verifies, until every node knows the new one: whoever looks for the key of a token finds it on any node. Of
// keys that are all that new, the oldest is known best.
func signingKey(ring pool.KeyRing, use pool.KeyUse, now time.Time) *pool.SigningKey {
	newest := ring.Signing(use)
	if newest == nil || now.Sub(newest.Created) >= publishedFor {
		return newest
	}
	var known, oldest *pool.SigningKey
	for i := range ring {
		k := &ring[i]
		if k.Use != use || ring.Verifying(k.ID, now) == nil {
			continue
		}
		if oldest == nil || k.Created.Before(oldest.Created) {
			oldest = k
		}
		if now.Sub(k.Created) >= publishedFor && (known == nil || k.Created.After(known.Created)) {
			known = k
		}
	}
	if known != nil {
		return known
	}
	return oldest
}

// JWKS returns the public keys that verify the pool's tokens at the time, for jwks.json.
func JWKS(p *pool.Pool, now time.Time) jose.JSONWebKeySet {
	set := jose.JSONWebKeySet{Keys: []jose.JSONWebKey{}}
	for i := range p.Keys {
		if k := &p.Keys[i]; p.Keys.Verifying(k.ID, now) != nil {
			set.Keys = append(set.Keys, *public(k))
		}
	}
	return set
}
