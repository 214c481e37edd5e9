package store

import (
	"testing"
	"time"
)

func TestASlowBatchIsFollowedByASmallerOne(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name  string
		batch int
		took  time.Duration
		want  int
	}{
		{"too long", sweepBatch, 2 * sweepHold, sweepBatch / 2},
		{"too long for the smallest", smallestBatch, time.Second, smallestBatch},
		{"about right", 100, sweepHold / 2, 100},
		{"short", 100, sweepHold / 10, 200},
		{"short for the largest", sweepBatch, time.Microsecond, sweepBatch},
	} {
		if got := nextBatch(tc.batch, tc.took, sweepBatch); got != tc.want {
			t.Errorf("%s: %d rows follow %d that took %v, want %d", tc.name, got, tc.batch, tc.took, tc.want)
		}
	}
}
