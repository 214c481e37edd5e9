//go:build linux

package cluster

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"syscall"
	"testing"
	"time"
)

// role chooses a machine of the database.
type role func(t *testing.T, s *stack) *machine

func leader(t *testing.T, s *stack) *machine {
	t.Helper()
	m, _, _ := s.db.roles(t)
	return m
}

func synchronous(t *testing.T, s *stack) *machine {
	t.Helper()
	_, m, _ := s.db.roles(t)
	return m
}

// switchover is the planned one, asked of Patroni.
func switchover(t *testing.T, s *stack) func() {
	leader, synchronous, _ := s.db.roles(t)
	s.tellPatroni(t, http.MethodPost, leader, "/switchover", map[string]any{"leader": leader.name, "candidate": synchronous.name})
	return nil
}

// tellPatroni sends a command to Patroni on a machine.
func (s *stack) tellPatroni(t *testing.T, method string, m *machine, path string, command map[string]any) {
	t.Helper()
	body, err := json.Marshal(command)
	must(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, method, fmt.Sprintf("http://%s:%d%s", m.address, patroniPort, path), bytes.NewReader(body))
	must(t, err)
	res, err := http.DefaultClient.Do(r)
	must(t, err)
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		t.Fatalf("Patroni answers %s with %s", path, res.Status)
	}
}

// killLeader starts what was killed when another machine leads.
func killLeader(t *testing.T, s *stack) func() {
	m := leader(t, s)
	m.kill(t)
	return func() {
		await(t, "another machine leads", func() bool { now := s.db.leader(); return now != nil && now != m })
		s.db.back(t, m)
	}
}

// killPostgres leaves Patroni to start it again.
func killPostgres(t *testing.T, s *stack) func() {
	leader(t, s).signal(t, syscall.SIGKILL, "postgres")
	return nil
}

// killMachine kills programs on a machine until the end of the fault; all when none is named.
func killMachine(which role, programs ...string) func(t *testing.T, s *stack) func() {
	return func(t *testing.T, s *stack) func() {
		m := which(t, s)
		m.kill(t, programs...)
		return func() { s.db.back(t, m) }
	}
}

// freeze stops programs on a machine, which keep their connections and forget nothing, until the end of the fault.
func freeze(which role, programs ...string) func(t *testing.T, s *stack) func() {
	return func(t *testing.T, s *stack) func() {
		m := which(t, s)
		if m.signal(t, syscall.SIGSTOP, programs...) == 0 {
			t.Fatalf("nothing runs on %s", m.name)
		}
		return func() { m.signal(t, syscall.SIGCONT) }
	}
}

// killTwoEtcds leaves no majority.
func killTwoEtcds(t *testing.T, s *stack) func() {
	leader, synchronous, _ := s.db.roles(t)
	leader.kill(t, "etcd")
	synchronous.kill(t, "etcd")
	return func() { s.db.back(t, leader); s.db.back(t, synchronous) }
}

// killEverything is a power cut of all machines, after which all start at once.
func killEverything(t *testing.T, s *stack) func() {
	for _, m := range s.db.machines {
		m.signal(t, syscall.SIGKILL)
	}
	for _, n := range s.nodes {
		n.process.Kill()
	}
	s.here.kill(t, "haproxy")
	return func() {
		time.Sleep(time.Second) // what was killed holds no address any more
		s.startHAProxy(t)
		for _, m := range s.db.machines {
			m.kill(t)
			s.db.back(t, m)
		}
		for _, n := range s.nodes {
			n.process.Start(t)
		}
	}
}
