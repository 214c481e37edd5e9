package server

import (
	"cmp"
	"context"

	"github.com/cenote-id/cenote/internal/caller"
	"github.com/cenote-id/cenote/internal/operate"
	"github.com/cenote-id/cenote/internal/store"
)

// keyring finds the access keys of signed requests, in the cache of the store.
type keyring struct {
	store   *store.Store
	account string // of keys that were made before keys had accounts
}

// AccessKey returns the key with the id; false when there is none.
func (k keyring) AccessKey(ctx context.Context, id string) (caller.AccessKey, bool, error) {
	stored, err := k.store.AccessKey(ctx, id)
	if stored == nil || err != nil {
		return caller.AccessKey{}, false, err
	}
	key := caller.AccessKey{ID: stored.ID, Secret: stored.Secret, AccountID: cmp.Or(stored.Account, k.account)}
	key.ARN = "arn:aws:iam::" + key.AccountID + ":user/" + stored.Name
	if stored.Name == operate.RootName {
		key.ARN = "arn:aws:iam::" + key.AccountID + ":root"
	}
	key.Policy, err = operate.ReadPolicy(*stored)
	return key, err == nil, err
}
