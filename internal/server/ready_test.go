package server_test

import (
	"bufio"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/cenote-id/cenote/internal/cenotetest"
	"github.com/cenote-id/cenote/internal/cenotetest/pgtest"
)

// readiness asks /readyz once.
func readiness(t *testing.T, url string) int {
	t.Helper()
	status, _ := cenotetest.Get(t, http.DefaultClient, url+"/readyz")
	return status
}

func TestANodeIsUnreadyWhenItsDatabaseStaysAway(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name string
		away func(p *pgtest.Proxy)
		back func(p *pgtest.Proxy)
	}{
		{"frozen", (*pgtest.Proxy).Freeze, (*pgtest.Proxy).Thaw},
		{"cut off without a word", func(p *pgtest.Proxy) { p.HoldRequests(); p.Freeze() }, (*pgtest.Proxy).Thaw},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			p := pgtest.StartProxy(t, pgtest.Start(t))
			srv := cenotetest.Start(t, cenotetest.Options{Serve: true, Database: p.URL, Settings: map[string]string{"database-wait": "1s"}})
			if got := readiness(t, srv.URL); got != http.StatusOK {
				t.Fatalf("/readyz answers %d at first", got)
			}
			tc.away(p)
			within(t, time.Minute, "the node is unready", func() bool { return readiness(t, srv.URL) == http.StatusServiceUnavailable })
			if status, _ := cenotetest.Get(t, http.DefaultClient, srv.URL+"/healthz"); status != http.StatusOK {
				t.Errorf("/healthz answers %d", status)
			}
			tc.back(p)
			within(t, time.Minute, "the node is ready again", func() bool { return readiness(t, srv.URL) == http.StatusOK })
		})
	}
}

func TestANodeIsUnreadyWithoutItsDatabaseFile(t *testing.T) {
	t.Parallel()
	srv := cenotetest.Start(t, cenotetest.Options{Serve: true, Settings: map[string]string{"database-wait": "1s"}})
	file := filepath.Join(srv.DataDir, "cenote.db")
	must(t, os.Rename(file, file+".away"))
	within(t, time.Minute, "the node is unready", func() bool { return readiness(t, srv.URL) == http.StatusServiceUnavailable })
	must(t, os.Rename(file+".away", file))
	within(t, time.Minute, "the node is ready again", func() bool { return readiness(t, srv.URL) == http.StatusOK })
}

// A load balancer needs a while to see that a node is stopping. Until then every connection is served, and told to be the last.
func TestAStoppingServerServesNewConnectionsForAWhile(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("builds the command")
	}
	p := cenotetest.StartBinary(t, cenotetest.BinaryOptions{Args: []string{"--shutdown-delay", "5s"}})
	address := strings.TrimPrefix(p.URL, "http://")
	var unready, failed atomic.Int64
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for unready.Load() == 0 || failed.Load() == 0 && unready.Load() < 40 { // until the balancer would have left
				status, closes, err := ask(address)
				switch {
				case err != nil:
					failed.Add(1)
					t.Errorf("a new connection fails: %v", err)
				case status == http.StatusServiceUnavailable && !closes:
					t.Error("the answer of a stopping server does not close the connection")
					fallthrough
				case status == http.StatusServiceUnavailable:
					unready.Add(1)
				}
			}
		})
	}
	p.Signal(t, syscall.SIGTERM)
	all.Wait()
	if code := p.Wait(t); code != 0 {
		t.Errorf("the process ends with %d\n%s", code, p.Log())
	}
}

// ask asks /readyz on a connection of its own.
func ask(address string) (status int, closes bool, err error) {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		return 0, false, err
	}
	defer conn.Close()
	if _, err := conn.Write([]byte("GET /readyz HTTP/1.1\r\nHost: a\r\n\r\n")); err != nil {
		return 0, false, err
	}
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		return 0, false, err
	}
	defer res.Body.Close()
	return res.StatusCode, res.Close, nil
}
