package store

import (
	"math"
	"time"
)

// micros is how a time is stored; the zero time is 0.
func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// fromMicros is the time that micros stored, in UTC.
func fromMicros(n int64) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return time.UnixMicro(n).UTC()
}

// rowLimit is a page size for SQL, as "limit cast($1 as bigint)"; 0 means all rows. SQLite plans a statement anew each time that a bare
// parameter of its limit is bound, which costs ten times as much as running it.
func rowLimit(n int) int64 {
	if n <= 0 {
		return math.MaxInt64
	}
	return int64(n)
}
