package pgtest

import (
	"net"
	"net/url"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// Proxy is a network between a client and a server that a test can disturb.
type Proxy struct {
	URL string // of the database, through the proxy

	mu       sync.Mutex
	changed  sync.Cond
	to       *pgx.ConnConfig
	pairs    map[*pair]bool
	frozen   bool
	accepted int
}

// pair is a client's connection and the one to the server. Its fields are guarded by the proxy's mutex.
type pair struct {
	client, server            net.Conn
	holdRequests, loseAnswers bool
}

// StartProxy starts a proxy to the database. It ends with the test.
func StartProxy(t testing.TB, database string) *Proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &Proxy{pairs: make(map[*pair]bool)}
	p.changed.L = &p.mu
	p.Lead(t, database)
	u, err := url.Parse(database)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	q.Del("host")
	q.Del("port")
	q.Set("sslmode", "disable")
	u.Host, u.RawQuery = l.Addr().String(), q.Encode()
	p.URL = u.String()
	var all sync.WaitGroup
	all.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			all.Go(func() { p.serve(c) })
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		p.Thaw()
		p.Cut()
		all.Wait()
	})
	return p
}

// Lead has new connections lead to the server of another database.
func (p *Proxy) Lead(t testing.TB, database string) {
	t.Helper()
	to, err := pgx.ParseConfig(database)
	if err != nil {
		t.Fatal(err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.to = to
}

// Accepted returns how many connections there have been.
func (p *Proxy) Accepted() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.accepted
}

// Freeze lets nothing through, in either direction. Connections are still accepted, and silent.
func (p *Proxy) Freeze() { p.change(func() { p.frozen = true }) }

// Thaw ends Freeze; what was held goes on.
func (p *Proxy) Thaw() { p.change(func() { p.frozen = false }) }

// Cut closes the connections that there are.
func (p *Proxy) Cut() {
	p.change(func() {
		for c := range p.pairs {
			_, _ = c.client.Close(), c.server.Close()
			c.holdRequests = false
		}
	})
}

// LoseAnswers has the connections that there are lose what the server says from now on.
func (p *Proxy) LoseAnswers() {
	p.change(func() {
		for c := range p.pairs {
			c.loseAnswers = true
		}
	})
}

// HoldRequests keeps what the clients of the connections that there are say from now on, and the fact that they hang up, until the
// returned function is called.
func (p *Proxy) HoldRequests() (release func()) {
	var held []*pair
	p.change(func() {
		for c := range p.pairs {
			c.holdRequests = true
			held = append(held, c)
		}
	})
	return func() {
		p.change(func() {
			for _, c := range held {
				c.holdRequests = false
			}
		})
	}
}

func (p *Proxy) change(fn func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	fn()
	p.changed.Broadcast()
}

func (p *Proxy) serve(client net.Conn) {
	defer client.Close()
	p.mu.Lock()
	p.accepted++
	network, address := pgconn.NetworkAddress(p.to.Host, p.to.Port)
	p.mu.Unlock()
	server, err := net.Dial(network, address)
	if err != nil {
		return
	}
	c := &pair{client: client, server: server}
	p.change(func() { p.pairs[c] = true })
	defer p.change(func() { delete(p.pairs, c) })
	var both sync.WaitGroup
	both.Go(func() {
		p.carry(server, client, func() bool { return c.holdRequests }, func() bool { return false })
		_ = server.Close()
	})
	both.Go(func() {
		p.carry(client, server, func() bool { return false }, func() bool { return c.loseAnswers })
		_ = client.Close()
	})
	both.Wait()
}

// carry copies until either side closes.
func (p *Proxy) carry(to, from net.Conn, hold, lose func() bool) {
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		p.mu.Lock()
		for p.frozen || hold() {
			p.changed.Wait()
		}
		lost := lose()
		p.mu.Unlock()
		if n > 0 && !lost {
			if _, err := to.Write(buffer[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}
