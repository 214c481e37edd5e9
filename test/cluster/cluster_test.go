//go:build linux

package cluster

import "testing"

// TestNothingAcknowledgedIsLost breaks parts of the cluster under load, one after the other.
func TestNothingAcknowledgedIsLost(t *testing.T) {
	s := startStack(t)
	for _, f := range faults {
		if f.short || *long {
			t.Run(f.name, func(t *testing.T) { s.suffers(t, f) })
		}
	}
}
