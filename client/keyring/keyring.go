// Package keyring keeps the sessions of package client in the keyring of the system: Keychain on macOS, Secret Service on Linux, Credential
// Manager on Windows.
//
//	pool, err := client.NewPool(client.Config{PoolID: id, ClientID: clientID, Storage: keyring.New("my program")})
//
// A machine without a keyring answers each call with an error; client.NewFileStorage is what is left there.
package keyring

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/zalando/go-keyring"

	"github.com/cenote-id/cenote/client"
)

// Storage is a client.Storage with one entry in the keyring for each item. Keyrings know no transactions: a change that fails midway stays
// half done, and is reported.
type Storage struct {
	service string
	mu      sync.Mutex // within this process
}

var _ client.Storage = (*Storage)(nil)

// New returns the storage whose entries bear the name of a service, which is that of the program.
func New(service string) *Storage { return &Storage{service: service} }

// Get implements client.Storage.
func (s *Storage) Get(ctx context.Context, keys ...string) (map[string]string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	items := make(map[string]string, len(keys))
	for _, key := range keys {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		value, err := keyring.Get(s.service, key)
		if errors.Is(err, keyring.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("read the keyring: %w", err)
		}
		items[key] = value
	}
	return items, nil
}

// Set implements client.Storage. Keyrings limit an entry: on Windows to 2560 bytes, on macOS to about 3000.
func (s *Storage) Set(ctx context.Context, items map[string]string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := ctx.Err(); err != nil { // before the change, not in the middle of it
		return err
	}
	for _, key := range slices.Sorted(maps.Keys(items)) {
		if err := keyring.Set(s.service, key, items[key]); err != nil {
			return fmt.Errorf("write %s to the keyring: %w", key, err)
		}
	}
	return nil
}

// Remove implements client.Storage.
func (s *Storage) Remove(ctx context.Context, keys ...string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	for _, key := range keys {
		if err := keyring.Delete(s.service, key); err != nil && !errors.Is(err, keyring.ErrNotFound) {
			return fmt.Errorf("remove %s from the keyring: %w", key, err)
		}
	}
	return nil
}

// Clear implements client.Storage. It removes all entries of the service.
func (s *Storage) Clear(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := keyring.DeleteAll(s.service); err != nil {
		return fmt.Errorf("clear the keyring: %w", err)
	}
	return nil
}
