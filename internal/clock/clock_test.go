package clock_test

import (
	"math"
	"sync"
	"testing"
	"time"

	"github.com/cenote-id/cenote/internal/clock"
)

func TestNowIsTheMachinesTimePlusTheOffset(t *testing.T) {
	t.Parallel()
	c := clock.New()
	for _, d := range []time.Duration{0, 15 * time.Minute, 24 * time.Hour} {
		if err := c.Advance(d); err != nil {
			t.Fatal(err)
		}
		before := time.Now().Add(c.Offset())
		now := c.Now()
		after := time.Now().Add(c.Offset())
		if now.Before(before) || now.After(after) {
			t.Errorf("after %s: Now() = %s, want between %s and %s", d, now, before, after)
		}
	}
	if got, want := c.Offset(), 24*time.Hour+15*time.Minute; got != want {
		t.Errorf("Offset() = %s, want %s", got, want)
	}
}

func TestAdvanceRefuses(t *testing.T) {
	t.Parallel()
	for name, d := range map[string]time.Duration{
		"a step backwards":                -time.Second,
		"the longest duration":            math.MaxInt64,
		"one nanosecond past the horizon": clock.Furthest,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := clock.New()
			if err := c.Advance(1); err != nil {
				t.Fatal(err)
			}
			if err := c.Advance(d); err == nil {
				t.Errorf("Advance(%s) = nil, want an error", d)
			}
			if got := c.Offset(); got != 1 {
				t.Errorf("Offset() = %s after a refused step, want 1ns", got)
			}
		})
	}
}

func TestStepsTakenAtTheSameTimeAddUp(t *testing.T) {
	t.Parallel()
	c := clock.New()
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			if err := c.Advance(time.Minute); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if got, want := c.Offset(), 50*time.Minute; got != want {
		t.Errorf("Offset() = %s, want %s", got, want)
	}
}
