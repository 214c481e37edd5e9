package client

import (
	"context"
	"maps"
	"sync"
)

// Storage keeps sessions and device secrets: texts under the keys of amazon-cognito-identity-js, all of which start with
// "CognitoIdentityServiceProvider.". Implementations are safe for concurrent use. Each call happens wholly or not at all, as far as the
// medium can do that.
type Storage interface {
	// Get returns those of the items that are stored.
	Get(ctx context.Context, keys ...string) (map[string]string, error)
	// Set adds or replaces items.
	Set(ctx context.Context, items map[string]string) error
	// Remove removes items; an absent one is no error.
	Remove(ctx context.Context, keys ...string) error
	// Clear removes all items.
	Clear(ctx context.Context) error
}

// Locker is a Storage that several processes share. A refresh holds the lock, so that two processes do not spend one rotating refresh token.
type Locker interface {
	// Lock waits for the lock until the context ends. It is separate from what guards the single calls of the Storage.
	Lock(ctx context.Context) (unlock func(), err error)
}

// requestBound is a Storage that must not be used after the HTTP request it belongs to.
type requestBound interface{ boundToRequest() }

// MemoryStorage keeps items as long as the program runs. The zero value is empty and ready to use.
type MemoryStorage struct {
	hide
	mu    sync.Mutex
	items map[string]string
}

// NewMemoryStorage returns an empty storage.
func NewMemoryStorage() *MemoryStorage { return new(MemoryStorage) }

// Get implements Storage.
func (s *MemoryStorage) Get(_ context.Context, keys ...string) (map[string]string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return pick(s.items, keys), nil
}

// Set implements Storage.
func (s *MemoryStorage) Set(_ context.Context, items map[string]string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.items == nil {
		s.items = make(map[string]string)
	}
	maps.Copy(s.items, items)
	return nil
}

// Remove implements Storage.
func (s *MemoryStorage) Remove(_ context.Context, keys ...string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, k := range keys {
		delete(s.items, k)
	}
	return nil
}

// Clear implements Storage.
func (s *MemoryStorage) Clear(context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.items)
	return nil
}

func pick(items map[string]string, keys []string) map[string]string {
	picked := make(map[string]string, len(keys))
	for _, k := range keys {
		if v, ok := items[k]; ok {
			picked[k] = v
		}
	}
	return picked
}
