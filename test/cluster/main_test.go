//go:build linux

// Package cluster runs cenote as an operator runs it who wants to lose nothing: three PostgreSQL servers under Patroni with etcd, two
// cenote nodes, and HAProxy in front of both. It breaks parts of that under load and compares what clients were told with what is there.
//
// Without flags it switches the leader over, kills it, restarts the nodes, and shows that it would see a loss. "make cluster" makes all
// faults. The programs come from Debian's packages, and everything runs in namespaces of the test's own (sandbox_test.go), which takes root:
// ports, networks, mounts and processes are not the machine's and end with the test. Data is in memory, so a power cut is not among the faults.
//
// Start reading at suffers (faults_test.go).
package cluster

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

var (
	long   = flag.Bool("cluster.long", false, "make every fault")
	rounds = flag.Int("cluster.rounds", 3, "with -cluster.long, how many times the leader is killed to measure the failover")
	ttl    = flag.Int("cluster.ttl", 10, "seconds for which Patroni's leader has its lock; versions from 3.2 on take no fewer than 20")
)

// envRequire makes what this machine lacks fail the tests instead of skipping them, if it is "1".
const envRequire = "CENOTE_TEST_REQUIRE_CLUSTER"

func TestMain(m *testing.M) {
	flag.Parse()
	switch why := lacking(); {
	case why == "":
		os.Exit(inSandbox(m))
	case os.Getenv(envRequire) == "1":
		fmt.Fprintln(os.Stderr, why)
		os.Exit(1)
	default:
		fmt.Println("skipped:", why)
	}
}

// lacking says what this machine has too little of to run a cluster.
func lacking() string {
	if os.Getuid() != 0 {
		return "only root can make the namespaces of a cluster"
	}
	missing := slices.DeleteFunc([]string{"patroni", "etcd", "haproxy", "ip", "nsenter", "setpriv", "strace"}, func(program string) bool {
		_, err := exec.LookPath(program)
		return err == nil
	})
	if len(missing) > 0 {
		return "not installed: " + strings.Join(missing, ", ") + " (test/install does that)"
	}
	return ""
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
