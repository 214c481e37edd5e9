//go:build linux

package cluster

import "testing"

// peers are all machines but one.
func (s *stack) peers(m *machine) (peers []*machine) {
	for _, p := range append([]*machine{s.here, s.nodes[0].machine, s.nodes[1].machine}, s.db.machines...) {
		if p != m {
			peers = append(peers, p)
		}
	}
	return peers
}

// loss has what a machine sends to another one get lost, on a one-way route.
type loss struct{ from, to *machine }

// cut makes losses until the end of the fault.
func cut(t *testing.T, losses []loss) (end func()) {
	t.Helper()
	for _, l := range losses {
		l.from.loses(t, l.to)
	}
	return func() {
		for _, l := range losses {
			l.from.finds(t, l.to)
		}
	}
}

// sends are the losses of all that a machine sends.
func (s *stack) sends(m *machine) (losses []loss) {
	for _, p := range s.peers(m) {
		losses = append(losses, loss{m, p})
	}
	return losses
}

// receives are the losses of all that is sent to a machine.
func (s *stack) receives(m *machine) (losses []loss) {
	for _, p := range s.peers(m) {
		losses = append(losses, loss{p, m})
	}
	return losses
}

func muteLeader(t *testing.T, s *stack) func() { return cut(t, s.sends(leader(t, s))) }

func deafLeader(t *testing.T, s *stack) func() { return cut(t, s.receives(leader(t, s))) }

func loneLeader(t *testing.T, s *stack) func() {
	m := leader(t, s)
	return cut(t, append(s.sends(m), s.receives(m)...))
}

func loneStandby(t *testing.T, s *stack) func() {
	m := synchronous(t, s)
	return cut(t, append(s.sends(m), s.receives(m)...))
}

// replicationToStandby is lost, while both see everybody else.
func replicationToStandby(t *testing.T, s *stack) func() {
	leader, synchronous, _ := s.db.roles(t)
	return cut(t, []loss{{leader, synchronous}})
}

func replicationFromStandby(t *testing.T, s *stack) func() {
	leader, synchronous, _ := s.db.roles(t)
	return cut(t, []loss{{synchronous, leader}})
}

func muteNode(t *testing.T, s *stack) func() { return cut(t, s.sends(s.nodes[0].machine)) }

func deafNode(t *testing.T, s *stack) func() { return cut(t, s.receives(s.nodes[0].machine)) }
