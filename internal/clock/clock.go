// Package clock is the time of a server that can be moved forward.
//
// Everything that lives by time (codes, sessions, tokens, lockouts) asks a Clock's Now. In production nobody moves it, so
// it is the machine's time. A test moves it instead of waiting.
package clock

import (
	"fmt"
	"sync/atomic"
	"time"
)

// Furthest is how far ahead of the machine's time a clock can be moved in all: far enough for any expiry,
// near enough that adding a validity to Now never overflows.
const Furthest = 100 * 365 * 24 * time.Hour

// Clock tells the machine's time plus an offset. It is safe for concurrent use; the zero value is a clock that was not moved.
type Clock struct {
	offset atomic.Int64 // nanoseconds, never negative
}

// New returns a clock that shows the machine's time.
func New() *Clock { return &Clock{} }

// Now returns the machine's time plus the offset.
func (c *Clock) Now() time.Time { return time.Now().Add(c.Offset()) }

// Offset returns how far the clock has been moved in all.
func (c *Clock) Offset() time.Duration { return time.Duration(c.offset.Load()) }

// Advance moves the clock forward by d, which may be zero. It moves nothing and returns an error when d is negative,
// since time never runs backwards for those who rely on it, or when the clock would pass Furthest.
func (c *Clock) Advance(d time.Duration) error {
	if d < 0 {
		return fmt.Errorf("the clock only moves forward, not by %s", d)
	}
	for {
		old := c.offset.Load()
		if d > Furthest-time.Duration(old) {
			return fmt.Errorf("the clock cannot be more than %s ahead", Furthest)
		}
		if c.offset.CompareAndSwap(old, old+int64(d)) {
			return nil
		}
	}
}

// In returns the machine's time after d, which may be negative, whatever a Clock shows: for what other machines and the kernel go by.
func In(d time.Duration) time.Time { return time.Now().Add(d) }

// Restore puts the clock as far ahead as the offset says, also backwards. It is for when all that relied on the time is gone.
func (c *Clock) Restore(offset time.Duration) error {
	if offset < 0 || offset > Furthest {
		return fmt.Errorf("the clock is at most %s ahead, and never behind", Furthest)
	}
	c.offset.Store(int64(offset))
	return nil
}
