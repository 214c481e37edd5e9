package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/seal"
	"github.com/cenote-id/cenote/internal/user"
)

// metaDataKey begins the names of the values that tell, by pool, when an earlier data key is to be dropped, in microseconds since 1970. They are
// there while a pool has more than one data key.
const metaDataKey = "data_key."

// DataKeyChange says how to replace the data key of a pool.
type DataKeyChange struct {
	Overlap  time.Duration    // how long the earlier keys open what clients hold: refresh tokens, sessions, codes
	Settle   time.Duration    // how long a request may last: between the steps, none is under way that does not know of the step before
	Progress func(sealed int) // is told how many values were sealed again so far
}

// RotateDataKey gives a pool a new data key and seals again whatever is stored under another one, beside running servers. First every node
// learns of the key, then it seals. After an interruption it is simply run again. It returns how many values it sealed, and when Sweep
// drops the last of the earlier keys; pool.NotFound when there is no such pool.
func (s *Store) RotateDataKey(ctx context.Context, poolID string, c DataKeyChange) (sealed int, until time.Time, err error) {
	var state seal.KeyState
	err = s.Update(ctx, func(tx *Tx) error { return tx.beginDataKey(poolID, &state) })
	if err != nil {
		return 0, until, err
	}
	if state.Next {
		if err := wait(ctx, c.Settle); err != nil {
			return 0, until, err
		}
	}
	end := s.now().Add(c.Overlap)
	err = s.Update(ctx, func(tx *Tx) error {
		return tx.changeDataKey(poolID, func(m *seal.Master, wrapped []byte) ([]byte, error) { return m.PromoteKey(wrapped, end) })
	})
	if err != nil {
		return 0, until, err
	}
	if sealed, err = s.resealPool(ctx, poolID, c.Progress); err != nil {
		return sealed, until, err
	}
	err = s.Update(ctx, func(tx *Tx) error {
		return tx.changeDataKey(poolID, func(m *seal.Master, wrapped []byte) (_ []byte, err error) {
			if state, err = m.State(wrapped); err != nil {
				return nil, err
			}
			return m.Resealed(wrapped)
		})
	})
	if len(state.Until) > 0 {
		until = slices.MaxFunc(state.Until, time.Time.Compare)
	}
	return sealed, until, err
}

// beginDataKey adds a new key, unless a change is under way that can be taken up, and tells how far it is.
func (tx *Tx) beginDataKey(poolID string, state *seal.KeyState) error {
	return tx.changeDataKey(poolID, func(m *seal.Master, wrapped []byte) (_ []byte, err error) {
		if *state, err = m.State(wrapped); err != nil {
			return nil, err
		}
		if state.Resealing {
			return wrapped, nil
		}
		state.Next = true
		return m.NextKey(wrapped, user.LastingPurposes()...)
	})
}

// changeDataKey replaces the wrapped data key of a pool, and notes when Sweep has something to do about it.
func (tx *Tx) changeDataKey(poolID string, change func(*seal.Master, []byte) ([]byte, error)) error {
	master, err := tx.sealer()
	if err != nil {
		return err
	}
	wrapped, err := tx.wrappedKey(poolID)
	if err != nil {
		return err
	}
	if wrapped, err = change(master, wrapped); err != nil {
		return fmt.Errorf("change the data key of pool %s: %w", poolID, err)
	}
	p := &pool.Pool{ID: poolID}
	err = tx.poolVersion(p, tx.queryRow(`update pools set version = version + 1, data_key = $2 where pool_id = $1 returning version`, poolID, wrapped))
	if err != nil {
		return err
	}
	return tx.noteDataKey(master, poolID, wrapped)
}

func (tx *Tx) wrappedKey(poolID string) (wrapped []byte, err error) {
	err = tx.queryRow(`select data_key from pools where pool_id = $1`, poolID).Scan(&wrapped)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, pool.NotFound(poolID)
	}
	return wrapped, err
}

// noteDataKey notes when the earliest key of a pool is to be dropped.
func (tx *Tx) noteDataKey(master *seal.Master, poolID string, wrapped []byte) error {
	state, err := master.State(wrapped)
	if err != nil {
		return err
	}
	if !state.Next && len(state.Until) == 0 {
		_, err := tx.exec(`delete from meta where name = $1`, metaDataKey+poolID)
		return err
	}
	due := int64(math.MaxInt64) // a next key waits for RotateDataKey
	for _, at := range state.Until {
		due = min(due, micros(at))
	}
	return tx.SetMeta(metaDataKey+poolID, strconv.FormatInt(due, 10))
}

// DataKeyStates tells, by pool, how far changes of data keys are that are not over.
func (tx *Tx) DataKeyStates() (map[string]seal.KeyState, error) {
	names, err := tx.MetaNames(metaDataKey)
	if err != nil {
		return nil, err
	}
	states := make(map[string]seal.KeyState)
	for _, name := range names {
		id := name[len(metaDataKey):]
		wrapped, err := tx.wrappedKey(id)
		if fault.Is(err, fault.ResourceNotFound) { // Sweep forgets it
			continue
		}
		if err != nil {
			return nil, err
		}
		if states[id], err = tx.store.master.State(wrapped); err != nil {
			return nil, err
		}
	}
	return states, nil
}

// sweepDataKeys drops the data keys whose time is over, once nothing is sealed by them.
func (s *Store) sweepDataKeys(ctx context.Context, now time.Time) error {
	if s.master == nil {
		return nil
	}
	var due []string
	err := s.View(ctx, func(tx *Tx) error {
		names, err := tx.MetaNames(metaDataKey)
		for _, name := range names {
			text, _, broken := tx.Meta(name)
			at, unread := strconv.ParseInt(text, 10, 64)
			if err = errors.Join(err, broken, unread); err == nil && at <= micros(now) {
				due = append(due, name[len(metaDataKey):])
			}
		}
		return err
	})
	if err != nil {
		return err
	}
	for _, id := range due {
		if err := s.dropDataKeys(ctx, id, now); err != nil {
			return fmt.Errorf("drop earlier data keys of pool %s: %w", id, err)
		}
	}
	return nil
}

func (s *Store) dropDataKeys(ctx context.Context, poolID string, now time.Time) error {
	_, err := s.resealPool(ctx, poolID, func(int) {})
	if err == nil {
		err = s.Update(ctx, func(tx *Tx) error {
			return tx.changeDataKey(poolID, func(m *seal.Master, wrapped []byte) ([]byte, error) { return m.DropKeys(wrapped, now) })
		})
	}
	if fault.Is(err, fault.ResourceNotFound) { // deleted meanwhile
		err = s.Update(ctx, func(tx *Tx) error {
			_, err := tx.exec(`delete from meta where name = $1`, metaDataKey+poolID)
			return err
		})
	}
	return err
}

// resealPool seals again whatever of the pool is stored under another key than the present one. It ends with a round that finds nothing.
func (s *Store) resealPool(ctx context.Context, poolID string, progress func(int)) (sealed int, err error) {
	for {
		before := sealed
		for i := range sealedColumns {
			c := &sealedColumns[i]
			if !c.holdsSecrets() {
				continue
			}
			for after := make([]string, len(c.keys)); after != nil; {
				from, n := after, 0
				err := s.Update(ctx, func(tx *Tx) (err error) {
					after, n, err = tx.resealColumn(c, poolID, from)
					return err
				})
				if err != nil {
					return sealed, err
				}
				sealed += n
				progress(sealed)
			}
		}
		if sealed == before {
			return sealed, nil
		}
	}
}

// resealColumn seals the values of some rows again. It returns the keys of the last one that it looked at; nil when there are no more.
func (tx *Tx) resealColumn(c *sealedColumn, poolID string, after []string) (last []string, sealed int, err error) {
	p, err := tx.Pool(poolID)
	if err != nil {
		return nil, 0, err
	}
	args := []any{poolID}
	for _, key := range after {
		args = append(args, key)
	}
	rows, err := collect(tx.query(c.page(), append(args, resealRows)...), c.scan)
	if err != nil {
		return nil, 0, err
	}
	for _, row := range rows {
		value, changed, err := c.reseal(p, row)
		if err != nil {
			return nil, 0, fmt.Errorf("seal %s.%s of %v again: %w", c.table, c.column, row.keys, err)
		}
		if !changed {
			continue
		}
		args := []any{poolID}
		for _, key := range row.keys {
			args = append(args, key)
		}
		if _, err := tx.exec(c.save(), append(args, value)...); err != nil {
			return nil, 0, err
		}
		sealed++
	}
	if len(rows) == resealRows {
		last = rows[len(rows)-1].keys
	}
	return last, sealed, nil
}

// wait waits for d.
func wait(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
