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

	// The room of each cache in bytes, and so of what the collector lets the heap grow to twice. A pool takes 11 kB, most of it its two RSA keys,
	// and 0.5 ms of processor time when it is not there, a fifth of a sign-in with a password. So a server of up to 480 busy pools finds all of them
	// here, and one of 10,000 stays within 60 MiB.
	poolRoom   = 5 << 20
	clientRoom = 1 << 20
	keyRoom    = 1 << 20
	limitsRoom = 1 << 20
	ringRoom   = 1 << 20
	overhead   = 300 // bytes of the cache itself for each entry

	// loadTime bounds a load that several callers wait for, and that therefore does not end with the context of any of them.
	loadTime = 30 * time.Second
)

// changes are the ids of what an Update changed that is cached. A View has nil.
type changes struct {
	pools, clients, keys, limits, identityKeys []string
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

func (c *changes) key(id string) {
	if c != nil {
		c.keys = append(c.keys, id)
	}
}

func (c *changes) limit(key string) {
	if c != nil {
		c.limits = append(c.limits, key)
	}
}

func (c *changes) identity() {
	if c != nil {
		c.identityKeys = append(c.identityKeys, identityKeysID)
	}
}

// cache holds snapshots of one kind by id, those that were used last. Only what a View has read gets into it, so it never holds what was not
// committed.
type cache[V comparable] struct {
	flight singleflight.Group

	mu      sync.Mutex
	entries *recent[snapshot[V]]
	loads   map[string]*load // under way, but for those that a change may have overtaken
	size    func(V) int      // bytes that a value takes
}

func newCache[V comparable](room int, size func(V) int) cache[V] {
	return cache[V]{entries: newRecent[snapshot[V]](room), loads: make(map[string]*load), size: size}
}

// snapshot is a value and when it was known to be the newest; the zero time when there is none.
type snapshot[V any] struct {
	value   V
	checked time.Time
}

// load is one reading of a value; it is told from others by its address.
type load struct{ began time.Time }

// fresh reports whether the snapshot can be given out as it is. Should the clock go back, it cannot.
func (s snapshot[V]) fresh(now time.Time) bool {
	return !s.checked.IsZero() && !now.Before(s.checked) && now.Sub(s.checked) < freshFor
}

// get returns the snapshot, if it is fresh, or what read returns. Read is told the snapshot that is no longer fresh, or the zero V,
// and runs once for all who ask at the same time.
func (c *cache[V]) get(ctx context.Context, id string, now func() time.Time, read func(ctx context.Context, known V) (V, error)) (V, error) {
	if s := c.look(id); s.fresh(now()) {
		return s.value, nil
	}
	var none V
	p := patienceOf(ctx)
	if _, err := p.left(loadTime); err != nil {
		return none, err
	}
	began := now()
	answer := c.flight.DoChan(id, func() (any, error) {
		l := &load{began: now()}
		s := c.begin(id, l)
		if s.fresh(l.began) { // loaded since the caller looked
			return s.value, nil
		}
		ctx, cancel := context.WithTimeout(unhurried(context.WithoutCancel(ctx)), loadTime)
		defer cancel()
		v, err := read(ctx, s.value)
		c.end(id, l, v, err)
		return v, err
	})
	select {
	case r := <-answer:
		if r.Err != nil {
			p.spend(now().Sub(began), r.Err)
			return none, r.Err
		}
		return r.Val.(V), nil
	case <-ctx.Done():
		return none, ctx.Err()
	}
}

// look returns the snapshot as it is, fresh or not.
func (c *cache[V]) look(id string) snapshot[V] {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.entries.get(id)
}

// begin notes a load, unless the snapshot turns out to be fresh, and returns the snapshot.
func (c *cache[V]) begin(id string, l *load) snapshot[V] {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.entries.get(id)
	if !s.fresh(l.began) {
		c.loads[id] = l
	}
	return s
}

// end takes in what a load found, unless a change has overtaken it.
func (c *cache[V]) end(id string, l *load, v V, err error) {
	known, size := c.look(id).value == v, 0
	if err == nil && !known {
		size = overhead + c.size(v)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.loads[id] != l {
		return
	}
	delete(c.loads, id)
	if err != nil {
		c.entries.drop(id)
		return
	}
	if known {
		c.entries.renew(id, snapshot[V]{v, l.began})
		return
	}
	c.entries.put(id, snapshot[V]{v, l.began}, size)
}

// drop forgets what a committed Update changed. Who asks from now on does not join a load that began before.
func (c *cache[V]) drop(ids []string) {
	if len(ids) == 0 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, id := range ids {
		c.entries.drop(id)
		delete(c.loads, id)
		c.flight.Forget(id)
	}
}
