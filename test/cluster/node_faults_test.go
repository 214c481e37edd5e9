//go:build linux

package cluster

import (
	"context"
	"fmt"
	"net"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/cenote-id/cenote/internal/cenotetest"
)

func killNode(t *testing.T, s *stack) func() {
	s.nodes[0].process.Kill()
	return func() { s.nodes[0].process.Start(t) }
}

func freezeNode(t *testing.T, s *stack) func() {
	s.nodes[0].process.Signal(t, syscall.SIGSTOP)
	return func() { s.nodes[0].process.Signal(t, syscall.SIGCONT) }
}

func killHAProxy(t *testing.T, s *stack) func() {
	s.here.kill(t, "haproxy")
	return func() { s.startHAProxy(t) }
}

// stormDatabase opens more connections than PostgreSQL takes, and does nothing with them.
func stormDatabase(t *testing.T, s *stack) func() {
	const connections = 200
	ctx, cancel := context.WithCancel(t.Context())
	var storm sync.WaitGroup
	for range connections {
		storm.Go(func() {
			for ; ctx.Err() == nil; time.Sleep(100 * time.Millisecond) {
				c, err := pgx.Connect(ctx, url(s.here.address, "postgres"))
				if err != nil {
					continue
				}
				<-ctx.Done()
				_ = c.Close(context.WithoutCancel(ctx))
			}
		})
	}
	return func() { cancel(); storm.Wait() }
}

// stormNodes signs one user in by more clients than the processors can serve, and holds idle connections besides.
func stormNodes(t *testing.T, s *stack) func() {
	const clients, idle = 300, 1000
	ctx, cancel := context.WithCancel(t.Context())
	var storm sync.WaitGroup
	for range clients {
		storm.Go(func() {
			for ctx.Err() == nil {
				_, _ = s.signIn(ctx, s.api, s.client, regular, password) // whether it is served does not matter
			}
		})
	}
	for range idle {
		c, err := (&net.Dialer{}).DialContext(ctx, "tcp", s.here.address+":"+cenotePort)
		must(t, err)
		storm.Go(func() { <-ctx.Done(); _ = c.Close() })
	}
	return func() { cancel(); storm.Wait() }
}

// A node on the machine of HAProxy, which serves only during its fault.
const (
	ahead     = "ahead"
	aheadPort = 4311
)

// nodeAhead adds a node whose clock is a minute ahead of the others. It serves a part of all requests, also while the ledger is checked.
func nodeAhead(t *testing.T, s *stack) func() {
	t.Helper()
	server := cenotetest.Start(t, cenotetest.Options{
		Serve: true, AWSIssuer: true, Database: url(s.here.address, "cenote"), DataDir: s.nodes[0].process.DataDir,
		Settings: map[string]string{
			"listen": fmt.Sprintf("%s:%d", s.here.address, aheadPort), "rate-limits": "false", "sms-url": s.phones.url, "shutdown-delay": "3s",
		},
	})
	server.Advance(t, time.Minute)
	others := s.nodes
	s.nodes = append(slices.Clone(others), &node{machine: &machine{name: ahead}, url: server.URL, api: server.SDK()})
	t.Cleanup(func() { s.nodes = others })
	await(t, "HAProxy leads to the node", func() bool { return s.routes(ahead) })
	return nil
}
