package user

import (
	"testing"
	"time"
)

func TestLockoutDoublesAfterFiveFailures(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 9, 5, 9, 0, 0, 0, time.UTC)
	var c Counter
	for n := 1; n <= 16; n++ { // the 16th locks for as long as it takes to be forgotten
		c = c.AddFailure(now)
		var want time.Duration
		if n >= 6 {
			want = min(15*time.Minute, time.Second<<(n-6))
		}
		until := c.LockedUntil(now)
		switch {
		case want == 0 && !until.IsZero():
			t.Errorf("after %d failures locked until %v, want no lock", n, until)
		case want != 0 && !until.Equal(now.Add(want)):
			t.Errorf("after %d failures locked for %v, want %v", n, until.Sub(now), want)
		}
		if want != 0 {
			now = now.Add(want)
			if !c.LockedUntil(now).IsZero() {
				t.Errorf("after %d failures the lock outlives its time", n)
			}
		}
	}
}

func TestQuietTimeForgetsFailures(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 9, 5, 9, 0, 0, 0, time.UTC)
	var c Counter
	for range 9 {
		c = c.AddFailure(now)
	}
	now = now.Add(15 * time.Minute)
	if until := c.LockedUntil(now); !until.IsZero() {
		t.Errorf("still locked until %v after 15 quiet minutes", until)
	}
	if c = c.AddFailure(now); c.Count != 1 {
		t.Errorf("the count goes on at %d, want 1", c.Count)
	}
}

func TestHourlyLimitBeginsAgainAfterAnHour(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 9, 5, 9, 0, 0, 0, time.UTC)
	var c Counter
	for n := range hourly[ResendCode] {
		if !c.Allowed(ResendCode, now) {
			t.Fatalf("attempt %d is refused", n+1)
		}
		c = c.Add(now)
	}
	if c.Allowed(ResendCode, now.Add(59*time.Minute)) {
		t.Error("one more attempt within the hour is allowed")
	}
	now = now.Add(time.Hour)
	if !c.Allowed(ResendCode, now) {
		t.Error("the next hour's attempt is refused")
	}
	if c = c.Add(now); c.Count != 1 {
		t.Errorf("the next hour begins with %d, want 1", c.Count)
	}
}
