package credential

import (
	"errors"
	"time"

	"github.com/cenote-id/cenote/internal/srpgroup"
)

var (
	// ErrTimestampFormat means that a TIMESTAMP cannot be read. The service calls this an invalid parameter.
	ErrTimestampFormat = errors.New("timestamp cannot be read")

	// ErrTimestampSpelling means that a TIMESTAMP names a time in another way than clients must: a zero-padded day, a wrong
	// weekday, names in another case. The service hashes its own spelling and so answers as to a wrong password.
	ErrTimestampSpelling = errors.New("timestamp is not in its only spelling")
)

// ParseTimestamp reads a TIMESTAMP such as "Sat Sep 5 09:08:07 UTC 2026". The error is ErrTimestampFormat or
// ErrTimestampSpelling. Whether the time is near enough to now is for the caller to judge.
func ParseTimestamp(s string) (time.Time, error) {
	t, err := time.Parse(srpgroup.TimestampLayout, s)
	if err != nil {
		return time.Time{}, ErrTimestampFormat
	}
	if t.Format(srpgroup.TimestampLayout) != s {
		return time.Time{}, ErrTimestampSpelling
	}
	return t, nil
}
