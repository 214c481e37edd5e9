package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/identity"
)

// restoreTime is how long a restore may be silent before others take its process for dead and remove what it has written.
const restoreTime = time.Minute

// ErrRestoreLost answers the process of a restore that was taken for dead.
var ErrRestoreLost = errors.New("the restore was taken for dead, since nothing was heard of it for a minute, and its rows were removed")

// WantPoolFree answers why a pool cannot be restored now: *TakenError when it exists.
func (tx *Tx) WantPoolFree(poolID string) error {
	makes, remains := archivePools, `select 1 from deleted_pools where pool_id = $1`
	if identity.IsID(poolID) {
		makes, remains = archiveIdentityPools, `select 1 from pool_identities where identity_pool_id = $1 limit 1`
	}
	var one int
	err := tx.queryRow(`select 1 from `+makes+` where `+poolColumn(makes)+` = $1`, poolID).Scan(&one)
	if err == nil {
		return &TakenError{PoolID: poolID, Table: makes}
	}
	if !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	err = tx.queryRow(`select 1 from restores where pool_id = $1`, poolID).Scan(&one)
	if err == nil {
		return fault.Newf(fault.ConcurrentModification, "pool %s is being restored by another process, or was until a moment ago: try again in two minutes", poolID)
	}
	if !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	err = tx.queryRow(remains, poolID).Scan(&one)
	if err == nil {
		return fault.Newf(fault.ConcurrentModification, "pool %s was deleted and its rows are still being removed: try again in two minutes", poolID)
	}
	if !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	return nil
}

// BeginRestore reserves the id of a pool for the process with the token.
func (tx *Tx) BeginRestore(poolID, token string) error {
	if err := tx.WantPoolFree(poolID); err != nil {
		return err
	}
	_, err := tx.exec(`insert into restores (pool_id, token, touched) values ($1, $2, $3)`, poolID, token, micros(tx.store.now()))
	return err
}

// TouchRestore tells that the process lives, before it writes rows of the pool. It answers ErrRestoreLost when others thought otherwise.
func (tx *Tx) TouchRestore(poolID, token string) error {
	n, err := tx.exec(`update restores set touched = $3 where pool_id = $1 and token = $2`, poolID, token, micros(tx.store.now()))
	if err == nil && n == 0 {
		return ErrRestoreLost
	}
	return err
}

// EndRestore makes room for the row of a pool, whose other rows have been written.
func (tx *Tx) EndRestore(poolID, token string) error {
	n, err := tx.exec(`delete from restores where pool_id = $1 and token = $2`, poolID, token)
	if err == nil && n == 0 {
		return ErrRestoreLost
	}
	tx.changed.pool(poolID)
	return err
}

// AbandonRestores removes what the process with the token has written.
func (s *Store) AbandonRestores(ctx context.Context, token string) error {
	return s.abandon(ctx, `token = $1`, token)
}

// SweepRestores removes what processes have left that died. A process restores its pools one after the other and tells of the one alone.
func (s *Store) SweepRestores(ctx context.Context, now time.Time) error {
	return s.abandon(ctx, `not exists (select 1 from restores o where o.token = restores.token and o.touched > $1)`, micros(now.Add(-restoreTime)))
}

// abandon removes the rows of restores. They are taken away from their process first, which then cannot write any more.
func (s *Store) abandon(ctx context.Context, which string, arg any) error {
	var pools []string
	err := s.View(ctx, func(tx *Tx) (err error) {
		pools, err = collect(tx.query(`select pool_id from restores where `+which, arg), func(r scanner) (id string, err error) { return id, r.Scan(&id) })
		return err
	})
	for i := 0; err == nil && i < len(pools); i++ {
		err = s.abandonPool(ctx, pools[i], which, arg)
	}
	if err != nil {
		return fmt.Errorf("remove a restore: %w", err)
	}
	return nil
}

func (s *Store) abandonPool(ctx context.Context, poolID, which string, arg any) error {
	err := s.Update(ctx, func(tx *Tx) error {
		_, err := tx.exec(`update restores set token = '' where pool_id = $2 and `+which, arg, poolID)
		return err
	})
	for i := 0; err == nil && i < len(pooled); i++ {
		err = s.sweep(ctx, pooled[i], poolID)
	}
	for i := 0; err == nil && i < len(identified); i++ {
		err = s.sweep(ctx, identified[i], poolID)
	}
	if err != nil {
		return err
	}
	return s.Update(ctx, func(tx *Tx) error {
		_, err := tx.exec(`delete from restores where pool_id = $1 and token = ''`, poolID)
		return err
	})
}
