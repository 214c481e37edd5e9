package store

import (
	"context"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"
)

const (
	// freshFor is how long a cached value is given out without a look at its version: how long a change on another node may go
	// unseen.
	freshFor = 500 * time.Millisecond

	// maxCached bounds each cache. Servers with more pools or clients in use than this are rare, so a full cache is just emptied.
	maxCached = 4096

	// loadTime bounds a load that several callers wait for, and that therefore does not end with the context of any of them.
	loadTime = 30 * time.Second
)

// changes are the ids of what an Update changed that is cached. A View has nil.
type changes struct {
	pools, clients []string
}

func (c *changes) pool(id string) {
	if c != nil {
		c.pools = append(c.pools, id)
	}
}

func (c *changes) client(id string) {
	if c != nil {
		c.clients = append(c.clients, id)
	}
}

// cache holds snapshots of one kind by id. Only what a View has read gets into it, so it never holds what was not committed.
type cache[V any] struct {
	flight singleflight.Group

	mu      sync.RWMutex
	entries map[string]snapshot[V]
	dropped int64 // how often something was dropped: a load that began before is not kept
}

type snapshot[V any] struct {
	value   V
	checked time.Time // when it was known to be the newest; zero: there is none
}

// fresh reports whether the snapshot can be given out as it is. Should the clock go back, it cannot.
func (s snapshot[V]) fresh(now time.Time) bool {
	return !s.checked.IsZero() && !now.Before(s.checked) && now.Sub(s.checked) < freshFor
}

// get returns the snapshot, if it is fresh, or what load returns. Load is told the snapshot that is no longer fresh, or the zero V,
// and runs once for all who ask at the same time.
func (c *cache[V]) get(ctx context.Context, id string, now func() time.Time, load func(ctx context.Context, known V) (V, error)) (V, error) {
	if s, _ := c.look(id); s.fresh(now()) {
		return s.value, nil
	}
	answer := c.flight.DoChan(id, func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), loadTime)
		defer cancel()
		at := now()
		s, dropped := c.look(id)
		if s.fresh(at) { // loaded since the caller looked
			return s.value, nil
		}
		v, err := load(ctx, s.value)
		c.keep(id, snapshot[V]{v, at}, err == nil, dropped)
		return v, err
	})
	var none V
	select {
	case r := <-answer:
		if r.Err != nil {
			return none, r.Err
		}
		return r.Val.(V), nil
	case <-ctx.Done():
		return none, ctx.Err()
	}
}

// look returns the snapshot as it is, fresh or not, and how often something was dropped so far.
func (c *cache[V]) look(id string) (s snapshot[V], dropped int64) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.entries[id], c.dropped
}

// keep takes in what a load found, unless it may have been overtaken by a change.
func (c *cache[V]) keep(id string, s snapshot[V], found bool, before int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case !found:
		delete(c.entries, id)
	case before == c.dropped:
		if len(c.entries) >= maxCached {
			clear(c.entries)
		}
		if c.entries == nil {
			c.entries = make(map[string]snapshot[V])
		}
		c.entries[id] = s
	}
}

// drop forgets what a committed Update changed. Who asks from now on does not join a load that began before.
func (c *cache[V]) drop(ids []string) {
	if len(ids) == 0 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.dropped++
	for _, id := range ids {
		delete(c.entries, id)
		c.flight.Forget(id)
	}
}
