package store

import (
	"database/sql"
	"errors"
	"fmt"

	"github.com/cenote-id/cenote/internal/user"
)

// Counter loads how often the subject did something of late; the zero Counter when never. The subject is "u:" and a user's id,
// or "n:" and what stands for a name that no user has.
func (tx *Tx) Counter(poolID, subject string, a user.Action) (user.Counter, error) {
	var n counterRow
	err := tx.queryRow(`select count, since, last from counters where pool_id = $1 and subject = $2 and action = $3`,
		poolID, subject, string(a)).Scan(&n.count, &n.since, &n.last)
	if errors.Is(err, sql.ErrNoRows) {
		return user.Counter{}, nil
	}
	if err != nil {
		return user.Counter{}, err
	}
	return tx.counterOf(poolID, subject, a, n), nil
}

// counterRow is a counter as it is stored: times in microseconds.
type counterRow struct{ count, since, last int64 }

// counterOf returns the counter of a row; all zeros stand for none.
func (tx *Tx) counterOf(poolID, subject string, a user.Action, n counterRow) user.Counter {
	tx.present(countersAhead, []*int64{&n.since, &n.last}, poolID, subject, string(a))
	return user.Counter{Count: int(n.count), Since: fromMicros(n.since), Last: fromMicros(n.last)}
}

// SaveCounter stores a counter in place of the one before it.
func (tx *Tx) SaveCounter(poolID, subject string, a user.Action, c user.Counter) error {
	_, err := tx.exec(`insert into counters (pool_id, subject, action, count, since, last) values ($1, $2, $3, $4, $5, $6)
		on conflict (pool_id, subject, action) do update set count = excluded.count, since = excluded.since, last = excluded.last`,
		poolID, subject, string(a), int64(c.Count), micros(c.Since), micros(c.Last))
	if err != nil {
		return fmt.Errorf("save counter: %w", err)
	}
	return nil
}

// DeleteCounter sets a counter back to zero.
func (tx *Tx) DeleteCounter(poolID, subject string, a user.Action) error {
	_, err := tx.exec(`delete from counters where pool_id = $1 and subject = $2 and action = $3`, poolID, subject, string(a))
	if err != nil {
		return fmt.Errorf("delete counter: %w", err)
	}
	return nil
}

// deleteCounters removes all counters of a subject.
func (tx *Tx) deleteCounters(poolID, subject string) error {
	if _, err := tx.exec(`delete from counters where pool_id = $1 and subject = $2`, poolID, subject); err != nil {
		return fmt.Errorf("delete counters: %w", err)
	}
	return nil
}
