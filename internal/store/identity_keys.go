package store

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/wire"
)

// Where the keys of OpenID tokens of identities are kept.
const (
	// identityKey is the private key that signs, in PKCS #1.
	identityKey Secret = "identity.key"
	// identityRing is a storedRing: what else there is to know. Databases of versions that never replaced the key have none.
	identityRing Secret = "identity.keys"
)

// storedRing is the JSON of identityRing.
type storedRing struct {
	Created int64        `json:"created"`          // of the key that signs, in microseconds
	Earlier []earlierKey `json:"earlier,omitzero"` // newest first
}

type earlierKey struct {
	Key     []byte `json:"key"` // in PKCS #1
	Created int64  `json:"created"`
	Retires int64  `json:"retires"`
}

// identityKeysID is the name of the only entry of their cache.
const identityKeysID = "identity"

// IdentityKeys returns the keys of OpenID tokens of identities, which all nodes share; none before the first token. A change on another node is
// seen within half a second.
func (s *Store) IdentityKeys(ctx context.Context) (pool.KeyRing, error) {
	ring, err := s.identityKeys.get(ctx, identityKeysID, s.now, func(ctx context.Context, _ *pool.KeyRing) (*pool.KeyRing, error) {
		var ring pool.KeyRing
		err := s.View(ctx, func(tx *Tx) (err error) { ring, err = tx.IdentityKeys(); return err })
		return &ring, err
	})
	if err != nil {
		return nil, err
	}
	return *ring, nil
}

// IdentityKeys returns the keys as they are now.
func (tx *Tx) IdentityKeys() (pool.KeyRing, error) {
	der, found, err := tx.Secret(identityKey)
	if !found || err != nil {
		return nil, err
	}
	var stored storedRing
	text, found, err := tx.Secret(identityRing)
	if err == nil && found {
		err = wire.Unmarshal(text, &stored)
	}
	if err != nil {
		return nil, fmt.Errorf("read the keys of identities: %w", err)
	}
	newest, err := readIdentityKey(der, stored.Created, 0)
	ring := pool.KeyRing{newest}
	for _, e := range stored.Earlier {
		k, wrong := readIdentityKey(e.Key, e.Created, e.Retires)
		ring, err = append(ring, k), errors.Join(err, wrong)
	}
	return ring, err
}

func readIdentityKey(der []byte, created, retires int64) (k pool.SigningKey, err error) {
	private, err := x509.ParsePKCS1PrivateKey(der)
	if err != nil {
		return k, fmt.Errorf("read a key of identities: %w", err)
	}
	return pool.SigningKey{
		ID: pool.IdentityKeyID(private), Use: pool.SignsIdentity, Private: private, Created: fromMicros(created), Retires: fromMicros(retires),
	}, nil
}

// AddIdentityKey keeps the first key; ErrExists when there is one.
func (tx *Tx) AddIdentityKey(k pool.SigningKey) error {
	tx.changed.identity()
	if err := tx.AddSecret(identityKey, x509.MarshalPKCS1PrivateKey(k.Private)); err != nil {
		return err
	}
	return tx.saveIdentityKeys(pool.KeyRing{k})
}

// RotateIdentityKey lets a new key sign. The one before verifies until the given time; those whose time is over are forgotten.
func (tx *Tx) RotateIdentityKey(k pool.SigningKey, until time.Time) error {
	ring, err := tx.IdentityKeys()
	if err != nil {
		return err
	}
	if len(ring) > 0 {
		ring[0].Retires = until
	}
	return tx.saveIdentityKeys(append(pool.KeyRing{k}, expireKeys(ring, k.Created)...))
}

// expireKeys leaves the keys that sign or verify at the time.
func expireKeys(ring pool.KeyRing, now time.Time) pool.KeyRing {
	return slices.DeleteFunc(ring, func(k pool.SigningKey) bool { return !k.Retires.IsZero() && !now.Before(k.Retires) })
}

// saveIdentityKeys keeps the keys. The newest is where versions before look for the only one.
func (tx *Tx) saveIdentityKeys(ring pool.KeyRing) error {
	tx.changed.identity()
	stored := storedRing{Created: micros(ring[0].Created)}
	for _, k := range ring[1:] {
		stored.Earlier = append(stored.Earlier, earlierKey{x509.MarshalPKCS1PrivateKey(k.Private), micros(k.Created), micros(k.Retires)})
	}
	text, err := wire.Encode(stored)
	if err != nil {
		return err
	}
	return errors.Join(tx.setSecret(identityKey, x509.MarshalPKCS1PrivateKey(ring[0].Private)), tx.setSecret(identityRing, text))
}

// sweepIdentityKeys forgets keys that no longer verify.
func (s *Store) sweepIdentityKeys(ctx context.Context, now time.Time) error {
	if s.master == nil {
		return nil
	}
	over := func(tx *Tx) (left pool.KeyRing, some bool, err error) {
		ring, err := tx.IdentityKeys()
		n := len(ring)
		left = expireKeys(ring, now)
		return left, len(left) < n, err
	}
	var some bool
	err := s.View(ctx, func(tx *Tx) (err error) { _, some, err = over(tx); return err })
	if err == nil && some {
		err = s.Update(ctx, func(tx *Tx) error {
			left, some, err := over(tx)
			if err != nil || !some {
				return err
			}
			return tx.saveIdentityKeys(left)
		})
	}
	if err != nil {
		return fmt.Errorf("sweep keys of identities: %w", err)
	}
	return nil
}
