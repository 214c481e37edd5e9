//go:build linux

package cluster

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"
)

// probe signs one user in all the time, whatever happens to the sign-ins before.
type probe struct {
	mu      sync.Mutex
	moments []time.Time // of successes
	failed  int
	stop    func()
}

const probePause = 100 * time.Millisecond

// startProbe signs in until stop is called.
func (s *stack) startProbe(t *testing.T) *probe {
	t.Helper()
	p := &probe{}
	done := make(chan struct{})
	var signingIn sync.WaitGroup
	signingIn.Go(func() {
		for {
			select {
			case <-done:
				return
			case <-time.After(probePause):
				signingIn.Go(func() {
					ctx, cancel := context.WithTimeout(t.Context(), answered)
					defer cancel()
					_, err := s.signIn(ctx, s.api, s.client, regular, password)
					p.mu.Lock()
					defer p.mu.Unlock()
					if err != nil {
						p.failed++
						return
					}
					p.moments = append(p.moments, time.Now())
				})
			}
		}
	})
	p.stop = sync.OnceFunc(func() { close(done); signingIn.Wait() })
	t.Cleanup(p.stop)
	return p
}

func (p *probe) String() string {
	return fmt.Sprintf("%d of %d sign-ins failed", p.failed, p.failed+len(p.moments))
}

// gap is the longest time between two moments, or between one and the beginning, since then.
func gap(moments []time.Time, since time.Time) (longest time.Duration) {
	slices.SortFunc(moments, time.Time.Compare)
	before := since
	for _, at := range moments {
		if at.After(since) {
			longest, before = max(longest, at.Sub(before)), at
		}
	}
	return longest.Round(10 * time.Millisecond)
}
