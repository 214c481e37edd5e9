//go:build linux

package cluster

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// restartOneByOne restarts the nodes in turn while clients sign in; each once, and in the long run until there have been 5,000 sign-ins. None
// may fail.
func (s *stack) restartOneByOne(t *testing.T) {
	const clients = 8
	signIns := int64(0)
	if *long {
		signIns = 5000
	}
	var made, failed atomic.Int64
	done := make(chan struct{})
	var signingIn sync.WaitGroup
	for range clients {
		signingIn.Go(func() {
			for {
				select {
				case <-done:
					return
				case <-time.After(pause / 10):
				}
				if _, err := s.signIn(t.Context(), s.api, s.client, regular, password); err != nil {
					failed.Add(1)
					t.Logf("a sign-in failed: %v", err)
				}
				made.Add(1)
			}
		})
	}
	restarts := 0
	for restarts == 0 || made.Load() < signIns {
		for _, n := range s.nodes {
			if code := n.process.Stop(t); code != 0 {
				t.Errorf("%s ends with code %d", n.name, code)
			}
			await(t, "HAProxy has noticed", func() bool { return !s.routes(n.name) })
			n.process.Start(t)
			await(t, "HAProxy leads to the node again", func() bool { return s.routes(n.name) })
			restarts++
		}
	}
	close(done)
	signingIn.Wait()
	t.Logf("%d of %d sign-ins failed during %d restarts", failed.Load(), made.Load(), restarts)
	if failed.Load() > 0 {
		t.Errorf("%d sign-ins failed", failed.Load())
	}
}
