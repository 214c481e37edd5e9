package store

import (
	"context"
	"fmt"
	"time"
)

// appointment is a column with times that lie in the future on purpose: until when a node holds a lease, when something is tried again.
type appointment struct {
	table, key, column string
	furthest           time.Duration // that anybody plans ahead
	rows               string        // condition for the rows that count; empty for all
}

// appointments are those for which everybody waits. A clock that was ahead leaves later times than their furthest, and what they are about, an import of
// users or a record on its way, would stand still until the clock has caught up.
var appointments = []appointment{
	{"user_imports", "pool_id, job_id", "leased", time.Minute, activeImports},
	{"log_records", "pool_id, record_id", "due", 10 * time.Minute, ""},
	{"restores", "pool_id", "touched", 0, ""},
	{"identity_providers", "pool_id, name", "refresh_due", 6 * time.Hour, ""},
}

// appointmentSkew is how far the clocks of nodes may be apart before one takes the appointments of another for wrong.
const appointmentSkew = 5 * time.Minute

// sweepAppointments makes due now what is planned for later than anybody would.
func (s *Store) sweepAppointments(ctx context.Context, now time.Time) error {
	for _, p := range appointments {
		limit := micros(now.Add(p.furthest + appointmentSkew))
		over := sweep{p.table, p.key, p.column + " > $1"}
		if p.rows != "" {
			over.over += " and " + p.rows
		}
		mended := int64(0)
		for n := int64(sweepBatch); n == sweepBatch; mended += n {
			err := s.View(ctx, func(tx *Tx) error {
				found, err := tx.exists(over.find(), limit)
				if n = 0; found {
					n = 1
				}
				return err
			})
			if err == nil && n > 0 {
				err = s.Update(ctx, func(tx *Tx) (err error) {
					n, err = tx.exec(fmt.Sprintf("update %s set %s = $2 where %s", p.table, p.column, over.batch(3)), limit, micros(now), sweepBatch)
					return err
				})
			}
			if err != nil {
				return fmt.Errorf("bring back %s: %w", p.table, err)
			}
		}
		if mended > 0 {
			s.log.WarnContext(ctx, "the database held appointments for too late: the clock of a node was ahead", "table", p.table, "rows", mended)
		}
	}
	return nil
}
