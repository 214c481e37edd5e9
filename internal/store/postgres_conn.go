package store

import (
	"context"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/cenote-id/cenote/internal/clock"
)

// boundedConn is a connection that gives up a silent server. A frozen server, or one behind a cut network, otherwise keeps whoever waits for
// its answer until the kernel gives up, which takes a quarter of an hour. pgx reads only while it waits for an answer, so a connection at
// rest is left alone.
type boundedConn struct {
	net.Conn

	limit *atomic.Int64 // of the silence, in nanoseconds; 0 for none

	mu       sync.Mutex
	deadline time.Time // set by pgx, to interrupt; zero for none
}

// boundDial wraps the connections that dial makes.
func boundDial(dial pgconn.DialFunc, limit *atomic.Int64) pgconn.DialFunc {
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		c, err := dial(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		return &boundedConn{Conn: c, limit: limit}, nil
	}
}

func (c *boundedConn) Read(b []byte) (int, error) {
	if err := c.arm(c.SetReadDeadline); err != nil {
		return 0, err
	}
	return c.Conn.Read(b)
}

func (c *boundedConn) Write(b []byte) (int, error) {
	if err := c.arm(c.SetWriteDeadline); err != nil {
		return 0, err
	}
	return c.Conn.Write(b)
}

// SetDeadline is how pgx interrupts when a context ends.
func (c *boundedConn) SetDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.deadline = t
	return c.Conn.SetDeadline(t)
}

// arm sets the deadline of the next read or write: the end of the silence, or the earlier one that pgx has set.
func (c *boundedConn) arm(set func(time.Time) error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	end := c.deadline
	if limit := time.Duration(c.limit.Load()); limit > 0 {
		silent := clock.In(limit)
		if end.IsZero() || silent.Before(end) {
			end = silent
		}
	}
	return set(end)
}
