package store

import (
	"context"
	"fmt"
	"strings"
	"time"
)

const (
	// sweepBatch is how many rows one transaction of Sweep removes, so that it keeps no writer waiting for long.
	sweepBatch = 250

	// tombstoneTime is how long a deleted pool is remembered at least. Within it, no node still works with a cached pool, and
	// no operation that began before the deletion still adds rows.
	tombstoneTime = time.Minute

	// counterTime is after how long a counter says nothing any more: none counts for longer than an hour.
	counterTime = time.Hour
)

// expiring are the tables whose rows have an end: the key, and the condition under which a row is over at the time $1.
var expiring = []struct{ table, key, over string }{
	{"codes", "pool_id, user_id, purpose", "expires <= $1"},
	{"consumed", "pool_id, id", "expires <= $1"},
	{"revoked_origins", "pool_id, origin_jti", "expires <= $1"},
	{"rotated", "pool_id, jti", "expires <= $1"},
	{"signing_keys", "pool_id, key_id", "retires > 0 and retires <= $1"},
}

// pooled are the tables with rows of a pool, and the rest of their key behind the pool's id.
var pooled = []struct{ table, key string }{
	{"clients", "client_id"},
	{"signing_keys", "key_id"},
	{"pool_groups", "group_name"},
	{"memberships", "user_id, group_name"},
	{"sign_in_names", "name"},
	{"user_search", "attribute, value, user_id"},
	{"users", "user_id"},
	{"codes", "user_id, purpose"},
	{"counters", "subject, action"},
	{"consumed", "id"},
	{"revoked_origins", "origin_jti"},
	{"rotated", "jti"},
}

// Sweep removes what has expired at the time, and the rows of deleted pools. It works in small transactions between those of others,
// and goes on where it left off when it is called again after an error. Nodes may sweep at the same time.
func (s *Store) Sweep(ctx context.Context, now time.Time) error {
	for _, t := range expiring {
		if err := s.remove(ctx, t.table, t.key, t.over, micros(now)); err != nil {
			return err
		}
	}
	if err := s.remove(ctx, "counters", "pool_id, subject, action", "last <= $1", micros(now.Add(-counterTime))); err != nil {
		return err
	}
	return s.sweepPools(ctx, now)
}

func (s *Store) sweepPools(ctx context.Context, now time.Time) error {
	type tombstone struct {
		poolID  string
		deleted int64
	}
	var deleted []tombstone
	err := s.View(ctx, func(tx *Tx) (err error) {
		deleted, err = collect(tx.query(`select pool_id, deleted from deleted_pools`), func(r scanner) (d tombstone, err error) {
			return d, r.Scan(&d.poolID, &d.deleted)
		})
		return err
	})
	if err != nil {
		return fmt.Errorf("sweep deleted pools: %w", err)
	}
	for _, d := range deleted {
		for _, t := range pooled {
			if err := s.remove(ctx, t.table, "pool_id, "+t.key, "pool_id = $1", d.poolID); err != nil {
				return err
			}
		}
		if d.deleted > micros(now.Add(-tombstoneTime)) {
			continue // rows may still come; the next sweep looks again
		}
		err := s.Update(ctx, func(tx *Tx) error {
			_, err := tx.exec(`delete from deleted_pools where pool_id = $1`, d.poolID)
			return err
		})
		if err != nil {
			return fmt.Errorf("sweep deleted pools: %w", err)
		}
	}
	return nil
}

// remove deletes the rows of a table that meet the condition, batch by batch. Sweeping nothing writes nothing.
func (s *Store) remove(ctx context.Context, table, key, condition string, arg any) error {
	find := "select " + key + " from " + table + " where " + condition + fmt.Sprintf(" limit %d", sweepBatch)
	statement := "delete from " + table + " where (" + key + ") in (" + find + ")"
	exists := "select 1 from " + table + " where " + condition + " limit 1"
	for {
		var n int64
		err := s.View(ctx, func(tx *Tx) error {
			found, err := collect(tx.query(exists, arg), func(r scanner) (one int, err error) { return one, r.Scan(&one) })
			n = int64(len(found))
			return err
		})
		if err == nil && n > 0 {
			err = s.Update(ctx, func(tx *Tx) (err error) {
				n, err = tx.exec(statement, arg)
				return err
			})
		}
		if err != nil {
			return fmt.Errorf("sweep %s: %w", strings.ReplaceAll(table, "_", " "), err)
		}
		if n < sweepBatch {
			return nil
		}
	}
}
