package store

import (
	"context"
	"database/sql"
	"errors"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/pool"
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

// Pool returns a snapshot of the pool; pool.NotFound when there is none. It is shared by all callers: never change it. A change
// on this node is seen at once, one on another node within half a second.
func (s *Store) Pool(ctx context.Context, id string) (*pool.Pool, error) {
	return s.pools.get(ctx, id, s.now, func(ctx context.Context, known *pool.Pool) (p *pool.Pool, err error) {
		err = s.View(ctx, func(tx *Tx) error {
			if known != nil {
				var version int64
				err := tx.queryRow(`select version from pools where pool_id = $1`, id).Scan(&version)
				if err == nil && version == known.Version {
					p = known
					return nil
				}
				if err != nil && !errors.Is(err, sql.ErrNoRows) {
					return err
				}
			}
			p, err = tx.Pool(id)
			return err
		})
		return p, err
	})
}

// Client returns snapshots of the client and its pool, under the same terms as Pool; pool.ClientNotFound when there is no such
// client or its pool is gone.
func (s *Store) Client(ctx context.Context, id string) (*pool.Pool, *pool.Client, error) {
	c, err := s.clients.get(ctx, id, s.now, func(ctx context.Context, known *pool.Client) (*pool.Client, error) {
		return s.loadClient(ctx, id, known)
	})
	if err != nil {
		return nil, nil, err
	}
	p, err := s.Pool(ctx, c.PoolID)
	if fault.Is(err, fault.ResourceNotFound) {
		return nil, nil, pool.ClientNotFound(id)
	}
	return p, c, err
}

func (s *Store) loadClient(ctx context.Context, id string, known *pool.Client) (*pool.Client, error) {
	var stored clientRow
	err := s.View(ctx, func(tx *Tx) (err error) {
		if known != nil {
			if err := tx.queryRow(`select version from clients where client_id = $1`, id).Scan(&stored.version); err != nil {
				return err
			}
			if stored.version == known.Version {
				return nil
			}
		}
		stored, err = scanClient(tx.queryRow(`select pool_id, client_id, version, settings, secrets from clients where client_id = $1`, id))
		return err
	})
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil, pool.ClientNotFound(id)
	case err != nil:
		return nil, err
	case known != nil && stored.version == known.Version:
		return known, nil
	}
	p, err := s.Pool(ctx, stored.poolID)
	if fault.Is(err, fault.ResourceNotFound) {
		return nil, pool.ClientNotFound(id)
	}
	if err != nil {
		return nil, err
	}
	return stored.decode(p)
}

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
