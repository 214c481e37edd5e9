package store

import (
	"fmt"
	"time"

	"github.com/cenote-id/cenote/internal/pool"
)

// AddLogRecords stores records that wait to be delivered. One that is stored already stays as it is.
func (tx *Tx) AddLogRecords(records []pool.LogRecord) error {
	for _, r := range records {
		_, err := tx.exec(`insert into log_records (pool_id, record_id, source, record, created, due, tries) values ($1, $2, $3, $4, $5, $5, 0)
			on conflict (pool_id, record_id) do nothing`, r.PoolID, r.ID, r.Source, r.Text, micros(r.Created))
		if err != nil {
			return fmt.Errorf("add log record: %w", err)
		}
	}
	return nil
}

// LogRecordsDue reports whether a record waits to be delivered at the time.
func (tx *Tx) LogRecordsDue(now time.Time) (bool, error) {
	return tx.exists(`select 1 from log_records where due <= $1 limit 1`, micros(now))
}

// LeaseLogRecords returns the records that have been due for longest, at most limit, and makes them due again at until: to other nodes, and
// to this one when it does not come to deliver them.
func (tx *Tx) LeaseLogRecords(now, until time.Time, limit int) ([]pool.LogRecord, error) {
	return collect(tx.query(`update log_records set due = $2, tries = tries + 1 where (pool_id, record_id) in
		(select pool_id, record_id from log_records where due <= $1 order by due, pool_id, record_id limit cast($3 as bigint))
		returning pool_id, record_id, source, record, created, tries`, micros(now), micros(until), limit), scanLogRecord)
}

// PostponeLogRecords makes records due at the time.
func (tx *Tx) PostponeLogRecords(records []pool.LogRecord, due time.Time) error {
	for _, r := range records {
		if _, err := tx.exec(`update log_records set due = $3 where pool_id = $1 and record_id = $2`, r.PoolID, r.ID, micros(due)); err != nil {
			return fmt.Errorf("postpone log record: %w", err)
		}
	}
	return nil
}

// DeleteLogRecords removes records that were delivered, or never will be.
func (tx *Tx) DeleteLogRecords(records []pool.LogRecord) error {
	for _, r := range records {
		if _, err := tx.exec(`delete from log_records where pool_id = $1 and record_id = $2`, r.PoolID, r.ID); err != nil {
			return fmt.Errorf("delete log record: %w", err)
		}
	}
	return nil
}

func scanLogRecord(r scanner) (rec pool.LogRecord, err error) {
	var created int64
	err = r.Scan(&rec.PoolID, &rec.ID, &rec.Source, &rec.Text, &created, &rec.Tries)
	rec.Created = fromMicros(created)
	return rec, err
}
