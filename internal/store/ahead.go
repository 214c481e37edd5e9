package store

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// tolerance is how far the clocks of nodes may be apart for nothing to be done about it.
const tolerance = time.Second

// ahead names columns of a row that hold times of the past. A clock that was ahead leaves later ones, and who compares them with the
// present would wait until it has caught up: a lockout of a second would last for the size of the jump. Whoever reads such a time
// gets the present instead, and the row is brought back as soon as the transaction is over.
type ahead struct {
	table   string
	key     string // the row's, from parameter $2 on
	columns []string
}

var (
	countersAhead        = ahead{"counters", "pool_id = $2 and subject = $3 and action = $4", []string{"since", "last"}}
	usersAhead           = ahead{"users", "pool_id = $2 and user_id = $3", []string{"signed_out", "created", "modified"}}
	sessionsAhead        = ahead{"sessions", "pool_id = $2 and user_id = $3 and session_id = $4", []string{"created", "last_used"}}
	browserSessionsAhead = ahead{"browser_sessions", "pool_id = $2 and hash = $3", []string{"created", "last_used"}}
	eventsAhead          = ahead{"auth_events", "pool_id = $2 and user_id = $3 and event_id = $4", []string{"at"}}
	devicesAhead         = ahead{"devices", "pool_id = $2 and user_id = $3 and device_key = $4", []string{"created", "modified", "authenticated"}}
	rotatedAhead         = ahead{"rotated", "pool_id = $2 and jti = $3", []string{"at"}}
	codesAhead           = ahead{"codes", "pool_id = $2 and user_id = $3 and purpose = $4", []string{"expires"}}
	deletedAhead         = ahead{"deleted_pools", "pool_id = $2", []string{"deleted"}}
)

// bringBack is the statement that sets later times to $1.
func (a ahead) bringBack() string {
	sets := make([]string, len(a.columns))
	for i, c := range a.columns {
		sets[i] = fmt.Sprintf("%s = case when %s > $1 then $1 else %s end", c, c, c)
	}
	return "update " + a.table + " set " + strings.Join(sets, ", ") + " where " + a.key
}

// repair is a row to bring back.
type repair struct {
	of   ahead
	args []any
}

// present sets the times that are later than now to now, and notes the row when a clock must have been ahead.
func (tx *Tx) present(a ahead, times []*int64, key ...string) {
	tx.notAfter(tx.store.now(), a, times, key...)
}

// notAfter is present for times that may lie in the future, but not beyond the latest.
func (tx *Tx) notAfter(latest time.Time, a ahead, times []*int64, key ...string) {
	limit, far := micros(latest), micros(latest.Add(tolerance))
	late := false
	for _, t := range times {
		late = late || *t > far
		*t = min(*t, limit)
	}
	if !late {
		return
	}
	args := []any{limit}
	for _, k := range key {
		args = append(args, k)
	}
	*tx.repairs = append(*tx.repairs, repair{a, args})
}

// mend brings back what a transaction has met. It is not the caller's fault when that fails; the next one meets it again.
func (s *Store) mend(ctx context.Context, repairs []repair) {
	if len(repairs) == 0 {
		return
	}
	err := s.engine.update(ctx, durable, func(tx *Tx) error {
		for _, r := range repairs {
			if _, err := tx.exec(r.of.bringBack(), r.args...); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		s.log.WarnContext(ctx, "times later than now stay in the database", "table", repairs[0].of.table, "error", err)
		return
	}
	s.log.WarnContext(ctx, "the database held times later than now: the clock of a node was ahead", "table", repairs[0].of.table, "rows", len(repairs))
}

// Latest returns the latest time in the past tense that the database holds, and where; the zero time when there is none. It reads all
// users, so it is for an examination of the setup.
func (tx *Tx) Latest() (at time.Time, where string, err error) {
	for _, c := range []struct{ where, query string }{
		{"an access key", `select coalesce(max(created), 0) from access_keys`},
		{"a counter", `select coalesce(max(last), 0) from counters`},
		{"an authentication event", `select coalesce(max(at), 0) from auth_events`},
		{"the creation of a user", `select coalesce(max(created), 0) from users`},
		{"the change of a user", `select coalesce(max(modified), 0) from users`},
		{"the sign-out of a user", `select coalesce(max(signed_out), 0) from users`},
	} {
		var n int64
		if err := tx.queryRow(c.query).Scan(&n); err != nil {
			return at, "", err
		}
		if t := fromMicros(n); t.After(at) {
			at, where = t, c.where
		}
	}
	return at, where, nil
}
