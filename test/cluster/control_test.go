//go:build linux

package cluster

import (
	"net/http"
	"testing"
)

// losesWithoutSynchronousCommits shows that the ledger and the canary see a loss: of commits that are acknowledged before they are on a disk or
// a standby. The cluster is of no use afterwards.
func (s *stack) losesWithoutSynchronousCommits(t *testing.T) {
	before := leader(t, s)
	s.tellPatroni(t, http.MethodPatch, before, "/config", map[string]any{
		"synchronous_mode": false, "synchronous_mode_strict": false,
		"postgresql": map[string]any{"parameters": map[string]any{"synchronous_commit": "off", "wal_writer_delay": "10s", "wal_writer_flush_after": "128MB"}},
	})
	await(t, "commits are asynchronous", func() bool {
		return s.db.shows(before, "synchronous_commit") == "off" && s.db.shows(before, "synchronous_standby_names") == "" && s.db.shows(before, "wal_writer_delay") == "10s"
	})
	l, c := s.startLoad(t), s.startCanary(t)
	l.acknowledged(t, 100)
	before.kill(t)
	await(t, "another machine leads", func() bool { now := s.db.leader(); return now != nil && now != before })
	l.acknowledged(t, 60)
	l.stop()
	c.stop()
	wrong, lost := l.check(t, s), c.lost(t, s)
	if lost == 0 || len(wrong) == 0 {
		t.Fatalf("the test is blind: it sees %d lost rows of %d, and %d lost changes of %v", lost, len(c.acknowledged), len(wrong), l)
	}
	t.Logf("seen: %d of %d rows are lost, and changes to %d users of %v, such as %s", lost, len(c.acknowledged), len(wrong), l, wrong[0])
}
