package server

import (
	"context"
	"sync"
	"time"

	"github.com/cenote-id/cenote/internal/caller"
	"github.com/cenote-id/cenote/internal/operate"
	"github.com/cenote-id/cenote/internal/store"
)

const (
	// keyFresh is how long a key is used without a look into the store: for how long a deleted one still works.
	keyFresh = 500 * time.Millisecond
	// maxKeys bounds what the keyring remembers; it is emptied when it is full.
	maxKeys = 1000
)

// keyring finds the access keys of signed requests and remembers those in use. Keys that do not exist are not remembered.
type keyring struct {
	store   *store.Store
	account string

	mu   sync.Mutex
	keys map[string]rememberedKey
}

type rememberedKey struct {
	key  caller.AccessKey
	read time.Time // of the machine's clock, before the key was read
}

func newAccessKeys(s *store.Store, account string) *keyring {
	return &keyring{store: s, account: account, keys: make(map[string]rememberedKey)}
}

// AccessKey returns the key with the id; false when there is none.
func (k *keyring) AccessKey(ctx context.Context, id string) (caller.AccessKey, bool, error) {
	now := time.Now()
	k.mu.Lock()
	known, ok := k.keys[id]
	k.mu.Unlock()
	if ok && now.Sub(known.read) < keyFresh {
		return known.key, true, nil
	}
	key, found, err := k.load(ctx, id)
	if err != nil {
		return caller.AccessKey{}, false, err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if !found {
		delete(k.keys, id)
		return caller.AccessKey{}, false, nil
	}
	if len(k.keys) >= maxKeys {
		clear(k.keys)
	}
	k.keys[id] = rememberedKey{key, now}
	return key, true, nil
}

func (k *keyring) load(ctx context.Context, id string) (key caller.AccessKey, found bool, err error) {
	var stored store.AccessKey
	err = k.store.View(ctx, func(tx *store.Tx) (err error) {
		stored, found, err = tx.AccessKey(id)
		return err
	})
	if err != nil || !found {
		return key, false, err
	}
	key = caller.AccessKey{ID: stored.ID, Secret: stored.Secret, ARN: k.arn(stored.Name)}
	key.Policy, err = operate.ReadPolicy(stored)
	return key, err == nil, err
}

// arn names whose key it is, as a refusal tells it.
func (k *keyring) arn(name string) string {
	if name == operate.RootName {
		return "arn:aws:iam::" + k.account + ":root"
	}
	return "arn:aws:iam::" + k.account + ":user/" + name
}
