//go:build linux

package cluster

import (
	"slices"
	"testing"
	"time"
)

// failsOver kills the leader again and again, under load, and tells how long nobody could sign in.
func (s *stack) failsOver(t *testing.T) {
	var signIns, changes []time.Duration
	for range *rounds {
		l, c, p := s.startLoad(t), s.startCanary(t), s.startProbe(t)
		l.acknowledged(t, 30)
		at := time.Now()
		killLeader(t, s)()
		s.whole(t)
		l.acknowledged(t, 30)
		l.stop()
		c.stop()
		p.stop()
		s.compare(t, l, c)
		signIns, changes = append(signIns, gap(p.moments, at)), append(changes, gap(l.moments, at))
		t.Logf("without a sign-in %s, without a change %s, without a row of the canary %s; %v; %v", signIns[len(signIns)-1], changes[len(changes)-1], gap(c.moments, at), l, p)
	}
	slices.Sort(signIns)
	slices.Sort(changes)
	t.Logf("%d failovers: without a sign-in %s in the middle and %s at most, without a change %s and %s", len(signIns),
		signIns[len(signIns)/2], signIns[len(signIns)-1], changes[len(changes)/2], changes[len(changes)-1])
}
