package store

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/cenote-id/cenote/internal/clock"
)

// A change leaves a row in commits, its mark, in the same transaction. When the answer to a commit is lost, settle inserts a row with the
// same key on another connection. There are two cases. The row is there: the change happened. It is not there: the change has not
// happened and never will, because its own insert would now run into ours, should the command still arrive. While the change is between
// the two (its commit waits for a standby), the insert waits for it.

// markTime is for how long a mark is kept: far longer than anybody looks for it.
const markTime = time.Hour

// newMark names a change. It is safe inside of a statement.
func newMark() string { return markSince(0) + rand.Text() }

// oldMarks is greater than the marks that nobody looks for any more.
func oldMarks() string { return markSince(markTime) }

// markSince is how a mark of some time ago begins.
func markSince(ago time.Duration) string {
	return fmt.Sprintf("%016x", clock.In(-ago).UnixMicro()) // by a movable clock, marks would be swept early
}

// leaveMark is the statement that a change ends with.
func leaveMark(mark string) string {
	return `insert into commits (id, kept) values ('` + mark + `', true)`
}

// settle finds out what became of a commit whose answer was lost, for as long as the budget lasts. It reports that the change is to be
// tried again when it did not happen; nil when it did; and the cause, an ErrUnknownOutcome, when it could not be found out.
func (e *postgresEngine) settle(ctx, budget context.Context, mark string, cause error) (again bool, err error) {
	var kept bool
	_, err = e.repeat(budget, func(context.Context) (again bool, err error) {
		_, again, err = e.transact(budget, budget, beginUpdate, func(tx *Tx) error {
			n, err := tx.exec(`insert into commits (id, kept) values ($1, false) on conflict (id) do nothing`, mark)
			if err == nil && n == 0 {
				// Also a write: its commit waits for the standby, and so for all that was written before, the change among it.
				err = tx.queryRow(`update commits set kept = kept where id = $1 returning kept`, mark).Scan(&kept)
			}
			return err
		})
		// Whether this very commit is known does not matter: the next look finds the row of one or the other.
		return again || errors.Is(err, ErrUnknownOutcome), err
	})
	switch {
	case err != nil:
		e.log.ErrorContext(ctx, "the outcome of a commit stays unknown", "error", cause, "settling", err)
		return false, cause
	case kept:
		e.counts.settled.Add(1)
		e.counts.commits.Add(1)
		e.log.WarnContext(ctx, "the answer to a commit was lost; the change happened", "error", cause)
		return false, nil
	default:
		e.counts.settled.Add(1)
		e.log.WarnContext(ctx, "the answer to a commit was lost; the change did not happen and is tried again", "error", cause)
		return true, cause
	}
}
