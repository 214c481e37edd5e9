//go:build linux

package cluster

import "testing"

// TestCluster breaks parts of the cluster under load, one after the other.
func TestCluster(t *testing.T) {
	s := startStack(t)
	for _, f := range faults {
		if f.short || *long {
			t.Run(f.name, func(t *testing.T) { s.suffers(t, f) })
		}
	}
	if *long {
		t.Run("the leader fails over again and again", s.failsOver)
	}
	t.Run("nodes restart one by one", s.restartOneByOne)
	t.Run("without synchronous commits a loss is seen", s.losesWithoutSynchronousCommits)
}
