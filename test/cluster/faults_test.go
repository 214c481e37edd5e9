//go:build linux

package cluster

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"testing"
	"time"
)

// faultCase is what goes wrong, and how that ends.
type faultCase struct {
	name    string
	short   bool                                      // made in the short run as well
	happens func(t *testing.T, s *stack) (end func()) // end may be nil, for what ends by itself
}

var faults = []faultCase{
	{name: "the leader is switched over", short: true, happens: switchover},
	{name: "the leader is killed", short: true, happens: killLeader},
}

// suffers makes a fault under load and compares what was acknowledged with what is there when it has ended.
func (s *stack) suffers(t *testing.T, f faultCase) {
	l, c, p := s.startLoad(t), s.startCanary(t), s.startProbe(t)
	l.acknowledged(t, 60)
	at := time.Now()
	end := f.happens(t, s)
	if end != nil {
		end()
	}
	s.whole(t)
	l.acknowledged(t, 60)
	l.stop()
	c.stop()
	p.stop()
	wrong, lost := l.check(t, s), c.lost(t, s)
	t.Logf("longest time without a sign-in %s, without a change %s; %v; %v; canary: %v", gap(p.moments, at), gap(l.moments, at), l, p, c)
	if lost > 0 {
		t.Errorf("the cluster has lost %d of %d acknowledged rows that cenote has nothing to do with", lost, len(c.acknowledged))
	}
	for i, what := range wrong {
		if i == 20 {
			t.Errorf("and %d more", len(wrong)-i)
			break
		}
		t.Error(what)
	}
}

func killLeader(t *testing.T, s *stack) func() {
	m := s.db.leader()
	m.kill(t)
	return func() {
		await(t, "another machine leads", func() bool { l := s.db.leader(); return l != nil && l != m })
		s.db.back(t, m)
	}
}

func switchover(t *testing.T, s *stack) func() {
	leader, synchronous, _ := s.db.roles(t)
	body, err := json.Marshal(map[string]string{"leader": leader.name, "candidate": synchronous.name})
	must(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, fmt.Sprintf("http://%s:%d/switchover", leader.address, patroniPort), bytes.NewReader(body))
	must(t, err)
	res, err := http.DefaultClient.Do(r)
	must(t, err)
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		t.Fatalf("Patroni does not switch over: %s", res.Status)
	}
	return nil
}
