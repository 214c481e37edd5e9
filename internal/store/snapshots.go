package store

import (
	"context"
	"database/sql"
	"errors"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/pool"
)

// Pool returns a snapshot of the pool; pool.NotFound when there is none. It is shared by all callers: never change it. A change
// on this node is seen at once, one on another node within half a second.
func (s *Store) Pool(ctx context.Context, id string) (*pool.Pool, error) {
	if !isText(id) { // out of an address or a state that anybody can write
		return nil, pool.NotFound(id)
	}
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
		if err == nil && p != known {
			p.Settings.SchemaAttributes = s.schemas.share(p.Settings.SchemaAttributes)
		}
		return p, err
	})
}

// Client returns snapshots of the client and its pool, under the same terms as Pool; pool.ClientNotFound when there is no such
// client or its pool is gone.
func (s *Store) Client(ctx context.Context, id string) (*pool.Pool, *pool.Client, error) {
	if !isText(id) {
		return nil, nil, pool.ClientNotFound(id)
	}
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
		stored, err = scanClient(tx.queryRow(selectClient+`where client_id = $1`, id))
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

// errNoKey ends the load of an access key that does not exist, so that no made-up id gets into the cache.
var errNoKey = errors.New("there is no such access key")

// AccessKey returns a snapshot of the access key, under the same terms as Pool; nil when there is none.
func (s *Store) AccessKey(ctx context.Context, id string) (*AccessKey, error) {
	k, err := s.keys.get(ctx, id, s.now, func(ctx context.Context, known *AccessKey) (k *AccessKey, err error) {
		err = s.View(ctx, func(tx *Tx) error {
			if known != nil { // a key never changes; another one of the same id has another age
				var created int64
				err := tx.queryRow(`select created from access_keys where id = $1`, id).Scan(&created)
				if err == nil && created == micros(known.Created) {
					k = known
					return nil
				}
				if err != nil && !errors.Is(err, sql.ErrNoRows) {
					return err
				}
			}
			stored, found, err := tx.AccessKey(id)
			if err == nil && !found {
				err = errNoKey
			}
			k = &stored
			return err
		})
		return k, err
	})
	if errors.Is(err, errNoKey) {
		return nil, nil
	}
	return k, err
}
