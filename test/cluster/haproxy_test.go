//go:build linux

package cluster

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
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
`

// startHAProxy starts HAProxy in front of the databases and of cenote's nodes, given by their addresses.
func startHAProxy(t *testing.T, here *machine, d *database, nodes ...string) {
	t.Helper()
	var databases, servers []string
	for _, m := range d.machines {
		databases = append(databases, fmt.Sprintf("  server %s %s:%d check port %d", m.name, m.address, postgresPort, patroniPort))
	}
	for i, address := range nodes {
		servers = append(servers, fmt.Sprintf("  server cenote%d %s check", i+1, address))
	}
	file := filepath.Join(shared, "haproxy.cfg")
	text := fmt.Sprintf(haproxyFile, here.address, strings.Join(databases, "\n"), strings.Join(servers, "\n"))
	must(t, os.WriteFile(file, []byte(text), 0o644))
	here.start(t, "haproxy", "-db", "-f", file)
	t.Cleanup(func() {
		here.kill(t, "haproxy")
		if t.Failed() {
			here.tell(t, "haproxy")
		}
	})
}
