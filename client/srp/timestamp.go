package srp

import (
	"time"

	"github.com/cenote-id/cenote/internal/srpgroup"
)

// FormatTimestamp writes a time as a TIMESTAMP such as "Sat Sep 5 09:08:07 UTC 2026". The service accepts no other spelling.
func FormatTimestamp(t time.Time) string { return t.UTC().Format(srpgroup.TimestampLayout) }
