package operate

import (
	"context"
	"errors"
	"fmt"

	"github.com/cenote-id/cenote/internal/config"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/trail"
)

const (
	// RootName is the name of the access key that the operator gave in the environment or that was made at the first start.
	RootName = "root"
	// metaRoot says that there was a first start: who deletes the root key does not get another one.
	metaRoot = "root.made"
)

// EnsureRoot makes sure that somebody can call signed operations. A key from the environment replaces the previous root key;
// without one, the first start makes a key if mayMake, and returns it.
func (d *Data) EnsureRoot(ctx context.Context, c *config.Config, mayMake bool) (*AccessKey, error) {
	if c.RootAccessKeyID != "" {
		return nil, d.setRoot(ctx, store.AccessKey{ID: c.RootAccessKeyID, Secret: c.RootSecretKey, Name: RootName, Account: c.AccountID, Created: d.now()})
	}
	if !mayMake {
		return nil, nil
	}
	if _, done, err := readMeta(ctx, d.Store, metaRoot); done || err != nil {
		return nil, err
	}
	made := newAccessKey()
	err := d.actOnRoot(ctx, made.ID, func(tx *store.Tx) error {
		if err := tx.AddMeta(metaRoot, made.ID); errors.Is(err, store.ErrExists) { // another node was faster, and shows its key
			return trail.ErrNothing
		} else if err != nil {
			return err
		}
		return tx.InsertAccessKey(store.AccessKey{ID: made.ID, Secret: made.Secret, Name: RootName, Account: c.AccountID, Created: d.now()})
	})
	if errors.Is(err, trail.ErrNothing) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("make the first access key: %w", err)
	}
	return made, nil
}

// setRoot stores the operator's root key in place of others of that name. When nothing has changed it writes nothing.
func (d *Data) setRoot(ctx context.Context, root store.AccessKey) error {
	same := func(tx *store.Tx) (bool, error) {
		k, ok, err := tx.AccessKey(root.ID)
		return ok && k.Secret == root.Secret && k.Name == RootName && k.Account == root.Account, err
	}
	var done bool
	if err := d.View(ctx, func(tx *store.Tx) (err error) { done, err = same(tx); return err }); done || err != nil {
		return err
	}
	err := d.actOnRoot(ctx, root.ID, func(tx *store.Tx) error {
		if done, err := same(tx); err != nil {
			return err
		} else if done { // by another node meanwhile
			return trail.ErrNothing
		}
		if err := tx.SetMeta(metaRoot, root.ID); err != nil {
			return err
		}
		all, err := tx.AccessKeys()
		if err != nil {
			return err
		}
		for _, k := range all {
			if k.Name != RootName && k.ID != root.ID {
				continue
			}
			if _, err := tx.DeleteAccessKey(k.ID); err != nil {
				return err
			}
		}
		return tx.InsertAccessKey(root)
	})
	if err != nil && !errors.Is(err, trail.ErrNothing) {
		return fmt.Errorf("store the root access key: %w", err)
	}
	return nil
}

// actOnRoot records a change of the root key.
func (d *Data) actOnRoot(ctx context.Context, id string, change func(*store.Tx) error) error {
	made := struct{ AccessKeyId, Name string }{id, RootName} //nolint:revive // as the API writes it
	return d.act(ctx, "root key", "", &made, func(ctx context.Context) error { return d.Update(ctx, change) })
}
