package operate

import (
	"context"
	"fmt"
	"time"

	"github.com/cenote-id/cenote/internal/store"
)

const (
	// DataKeyOverlap is how long an earlier data key opens what clients hold, unless the operator says otherwise: as long as a refresh
	// token lives by default.
	DataKeyOverlap = 30 * 24 * time.Hour

	shortestOverlap = time.Minute // requests that began under the earlier key have ended by then
	longestOverlap  = 3650 * 24 * time.Hour

	// settleTime is longer than any request: an operation has 30 seconds, and knows a pool as it was half a second before it began.
	settleTime = 35 * time.Second
)

// RotateDataKey gives a pool a new data key, beside running servers, and seals again what is stored under another one. It returns how many
// values those were, and when running servers drop the earlier keys. progress is told the number so far.
func (d *Data) RotateDataKey(ctx context.Context, poolID string, overlap time.Duration, progress func(sealed int)) (sealed int, until time.Time, err error) {
	if overlap < shortestOverlap || overlap > longestOverlap {
		return 0, until, fmt.Errorf("an overlap of %v: it is %v at least and %v at most", overlap, shortestOverlap, longestOverlap)
	}
	parameters := map[string]string{"overlap": overlap.String()}
	err = d.act(ctx, "pool rotate-data-key", poolID, parameters, func(ctx context.Context) (err error) {
		sealed, until, err = d.Store.RotateDataKey(ctx, poolID, store.DataKeyChange{Overlap: overlap, Settle: settleTime, Progress: progress})
		return err
	})
	return sealed, until, err
}
