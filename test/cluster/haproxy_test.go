//go:build linux

package cluster

import (
	"context"
	"encoding/csv"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// haproxyFile is the configuration of docs/operators.md.
const haproxyFile = `
global
  maxconn 4000
defaults
  timeout connect 2s
  timeout client 1h
  timeout server 1h
listen postgres
  mode tcp
  bind %[1]s:5432
  option httpchk GET /primary
  default-server inter 1s fall 2 rise 1 on-marked-down shutdown-sessions
%[2]s
listen cenote
  mode http
  bind %[1]s:4310
  timeout client 40s
  timeout server 40s
  option forwardfor
  option httpchk GET /readyz
  option redispatch
  retry-on conn-failure
  default-server inter 1s fall 2 rise 1
%[3]s
listen stats
  mode http
  bind %[1]s:8404
  stats enable
  stats uri /
`

const statsPort = 8404

// startHAProxy starts HAProxy in front of the databases and of cenote's nodes.
func (s *stack) startHAProxy(t *testing.T) {
	t.Helper()
	var databases, nodes []string
	for _, m := range s.db.machines {
		databases = append(databases, fmt.Sprintf("  server %s %s:%d check port %d", m.name, m.address, postgresPort, patroniPort))
	}
	for _, n := range s.nodes {
		nodes = append(nodes, fmt.Sprintf("  server %s %s:%s check", n.name, n.address, cenotePort))
	}
	nodes = append(nodes, fmt.Sprintf("  server %s %s:%d check", ahead, s.here.address, aheadPort))
	file := filepath.Join(shared, "haproxy.cfg")
	text := fmt.Sprintf(haproxyFile, s.here.address, strings.Join(databases, "\n"), strings.Join(nodes, "\n"))
	must(t, os.WriteFile(file, []byte(text), 0o644))
	s.here.start(t, "haproxy", "-db", "-f", file)
}

// routes reports whether HAProxy sends requests to a node, by its statistics.
func (s *stack) routes(name string) bool {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, fmt.Sprintf("http://%s:%d/;csv", s.here.address, statsPort), nil)
	if err != nil {
		return false
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return false
	}
	defer res.Body.Close()
	lines, err := csv.NewReader(res.Body).ReadAll()
	if err != nil {
		return false
	}
	status := slices.Index(lines[0], "status")
	return slices.ContainsFunc(lines, func(l []string) bool { return l[0] == "cenote" && l[1] == name && l[status] == "UP" })
}
