//go:build linux

package cluster

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// canary writes rows straight through HAProxy, without cenote, so that what the cluster loses is told from what cenote loses.
type canary struct {
	acknowledged []int64
	moments      []time.Time // of acknowledgements
	stop         func()
}

// startCanary writes until stop is called.
func (s *stack) startCanary(t *testing.T) *canary {
	t.Helper()
	c := &canary{}
	ctx, cancel := context.WithCancel(t.Context())
	var writing sync.WaitGroup
	writing.Go(func() {
		id := time.Now().UnixNano() // no other canary has it
		for ctx.Err() == nil {
			_ = c.write(ctx, url(s.here.address, "canary"), &id) // it is tried again
			time.Sleep(50 * time.Millisecond)
		}
	})
	c.stop = func() { cancel(); writing.Wait() }
	t.Cleanup(c.stop)
	return c
}

// write writes by one connection as long as that works.
func (c *canary) write(ctx context.Context, database string, id *int64) error {
	config, err := pgx.ParseConfig(database)
	if err != nil {
		return err
	}
	warned := false // of a commit that did not wait for the standby
	config.OnNotice = func(*pgconn.PgConn, *pgconn.Notice) { warned = true }
	config.ConnectTimeout = 2 * time.Second
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	for {
		*id++
		limited, cancel := context.WithTimeout(ctx, 5*time.Second)
		_, err := conn.Exec(limited, "insert into canary (id) values ($1)", *id)
		cancel()
		if err != nil || warned {
			return err
		}
		c.acknowledged, c.moments = append(c.acknowledged, *id), append(c.moments, time.Now())
		time.Sleep(10 * time.Millisecond)
	}
}

// lost is how many acknowledged rows the leader does not have. The canary has stopped.
func (c *canary) lost(t *testing.T, s *stack) (n int) {
	t.Helper()
	err := s.db.on(s.db.leader(), "canary", func(ctx context.Context, conn *pgx.Conn) error {
		return conn.QueryRow(ctx, "select count(*) from unnest($1::bigint[]) as written where written not in (select id from canary)", c.acknowledged).Scan(&n)
	})
	must(t, err)
	return n
}

func (c *canary) String() string { return fmt.Sprintf("%d rows", len(c.acknowledged)) }
