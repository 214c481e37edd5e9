//go:build linux

package cluster

import (
	"testing"
	"time"
)

// faultCase is what goes wrong, and how that ends.
type faultCase struct {
	name    string
	short   bool                                      // made in the short run as well
	lasts   time.Duration                             // at least
	happens func(t *testing.T, s *stack) (end func()) // end is nil for what ends by itself
}

// long enough for a leader to lose its lock, and for requests to lose their patience with a database that is not back.
const outlasts = 25 * time.Second

var faults = []faultCase{
	{name: "the leader is switched over", short: true, happens: switchover},
	{name: "the leader is killed", short: true, happens: killLeader},
	{name: "PostgreSQL is killed on the leader", happens: killPostgres},
	{name: "the leader freezes", happens: freeze(leader), lasts: outlasts},
	{name: "Patroni freezes on the leader", happens: freeze(leader, "patroni"), lasts: outlasts},
	{name: "PostgreSQL freezes on the leader", happens: freeze(leader, "postgres"), lasts: outlasts},
	{name: "the synchronous standby is killed", happens: killMachine(synchronous), lasts: outlasts},
	{name: "the synchronous standby freezes", happens: freeze(synchronous), lasts: outlasts},
	{name: "etcd is killed on the leader", happens: killMachine(leader, "etcd"), lasts: outlasts},
	{name: "etcd freezes on the leader", happens: freeze(leader, "etcd"), lasts: outlasts},
	{name: "two of three etcds are killed", happens: killTwoEtcds, lasts: outlasts},
	{name: "nothing from the leader arrives", happens: muteLeader, lasts: outlasts},
	{name: "nothing arrives at the leader", happens: deafLeader, lasts: outlasts},
	{name: "the leader is cut off", happens: loneLeader, lasts: outlasts},
	{name: "the synchronous standby is cut off", happens: loneStandby, lasts: outlasts},
	{name: "nothing from the leader arrives at its standby", happens: replicationToStandby, lasts: outlasts},
	{name: "nothing from the standby arrives at its leader", happens: replicationFromStandby, lasts: outlasts},
	{name: "nothing from a node arrives", happens: muteNode, lasts: outlasts},
	{name: "nothing arrives at a node", happens: deafNode, lasts: outlasts},
	{name: "the leader's disk is full", happens: fillDisk(leader), lasts: outlasts},
	{name: "the standby's disk is full", happens: fillDisk(synchronous), lasts: outlasts},
	{name: "the leader's disk is slow", happens: slowDisk(leader), lasts: outlasts},
	{name: "the standby's disk is slow", happens: slowDisk(synchronous), lasts: outlasts},
	{name: "a node is killed", happens: killNode, lasts: outlasts},
	{name: "a node freezes", happens: freezeNode, lasts: outlasts},
	{name: "HAProxy is killed", happens: killHAProxy},
	{name: "the clock of a node is a minute ahead", happens: nodeAhead, lasts: outlasts},
	{name: "a storm of connections to the database", happens: stormDatabase, lasts: outlasts},
	{name: "a storm of sign-ins and connections", happens: stormNodes, lasts: outlasts},
	{name: "everything is killed at once", happens: killEverything},
}

// suffers makes a fault under load and compares what was acknowledged with what is there when it has ended.
func (s *stack) suffers(t *testing.T, f faultCase) {
	l, c, p := s.startLoad(t), s.startCanary(t), s.startProbe(t)
	l.acknowledged(t, 60)
	at := time.Now()
	end := f.happens(t, s)
	time.Sleep(time.Until(at.Add(f.lasts)))
	if end != nil {
		end()
	}
	s.whole(t)
	l.acknowledged(t, 60)
	l.stop()
	c.stop()
	p.stop()
	t.Logf("longest time without a sign-in %s, without a change %s, without a row of the canary %s; %v; %v; canary: %v",
		gap(p.moments, at), gap(l.moments, at), gap(c.moments, at), l, p, c)
	s.compare(t, l, c)
}

// compare asserts that nothing acknowledged is lost, and tells losses of the cluster from those of cenote.
func (s *stack) compare(t *testing.T, l *load, c *canary) {
	t.Helper()
	wrong, lost := l.check(t, s), c.lost(t, s)
	if lost > 0 {
		t.Errorf("the cluster has lost %d of %v that cenote has nothing to do with, and something of %d users of cenote", lost, c, len(wrong))
		return
	}
	for i, what := range wrong {
		if i == 20 {
			t.Errorf("and %d more", len(wrong)-i)
			break
		}
		t.Error(what)
	}
}
