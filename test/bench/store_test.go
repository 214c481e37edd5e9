package bench

import (
	"context"
	"crypto/rand"
	"fmt"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/seal"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/token"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/wire"
)

// openStore opens a store of its own in this process.
func openStore(tb testing.TB, dir string) *store.Store {
	tb.Helper()
	key := make([]byte, seal.KeySize)
	rand.Read(key)
	master, err := seal.NewMaster(key)
	if err != nil {
		tb.Fatal(err)
	}
	s, err := store.Open(tb.Context(), store.Options{Database: filepath.Join(dir, "bench.db"), Master: master, Now: time.Now})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = s.Close() })
	return s
}

// groupedCommits returns how many durable changes a second the store takes from so many goroutines.
func groupedCommits(b *testing.B, goroutines, n int) float64 {
	b.Helper()
	s := openStore(b, b.TempDir())
	var next atomic.Int64
	took := load(b, goroutines, n, func(int) error {
		return s.Update(context.Background(), func(tx *store.Tx) error {
			_, err := tx.Consume("us-east-1_bench", fmt.Sprint(next.Add(1)), time.Now().Add(time.Hour))
			return err
		})
	})
	return float64(n) / took.Seconds()
}

// groupedUsers returns how many users a second the store takes by itself, durably, from so many goroutines.
func groupedUsers(b *testing.B, goroutines, n int) float64 {
	b.Helper()
	s, p := crowd(b, 0)
	kept := user.NewPassword(p, "user", password)
	took := load(b, goroutines, n, func(i int) error {
		u := user.New(p, uuid.NewString(), fmt.Sprintf("user%07d", i), user.Unconfirmed, time.Now())
		u.Password = kept
		return s.Update(context.Background(), func(tx *store.Tx) error { return tx.InsertUser(p, u) })
	})
	return float64(n) / took.Seconds()
}

// crowd returns a store with a pool of so many users.
func crowd(b *testing.B, n int) (*store.Store, *pool.Pool) {
	b.Helper()
	s, p := openStore(b, b.TempDir()), newPool(b)
	var err error
	if p.Keys, err = token.NewKeyMaker(time.Now, 0).Pair(); err != nil {
		b.Fatal(err)
	}
	if err := s.Update(b.Context(), func(tx *store.Tx) error { return tx.InsertPool(p) }); err != nil {
		b.Fatal(err)
	}
	fill(b, s, p, n)
	return s, p
}

// newPool returns a pool that is not stored yet.
func newPool(b *testing.B) *pool.Pool {
	b.Helper()
	p, err := pool.New(&wire.CreateUserPoolInput{PoolName: "crowd"}, "us-east-1", "000000000000", time.Now())
	if err != nil {
		b.Fatal(err)
	}
	return p
}

// fill gives a pool so many users.
func fill(b *testing.B, s *store.Store, p *pool.Pool, n int) {
	b.Helper()
	const batch = 1000
	for first := 0; first < n; first += batch {
		err := s.Update(b.Context(), func(tx *store.Tx) error {
			for i := first; i < min(first+batch, n); i++ {
				u := user.New(p, uuid.NewString(), fmt.Sprintf("user%07d", i), user.Confirmed, time.Now())
				u.Attributes["email"] = fmt.Sprintf("user%07d@example.com", i)
				u.Attributes["given_name"], u.Attributes["family_name"] = "Ann", fmt.Sprintf("Family%d", i%1000)
				if err := tx.InsertUser(p, u); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkListUsers compares a page of 60 users, and a search for one, in a pool of 1,000 users and one of 100,000.
func BenchmarkListUsers(b *testing.B) {
	small, smallPool := crowd(b, 1_000)
	large, largePool := crowd(b, 100_000)
	query := func(s *store.Store, p *pool.Pool, q user.Query) time.Duration {
		const times = 300
		return cpuTime(times, func() {
			err := s.View(context.Background(), func(tx *store.Tx) error {
				_, err := tx.Users(p, q)
				return err
			})
			if err != nil {
				b.Fatal(err)
			}
		})
	}
	for name, q := range map[string]user.Query{
		"page":   {Limit: 61},
		"filter": {Filter: user.Filter{Attribute: "email", Value: "user0000500@example.com"}, Limit: 61},
	} {
		b.Run(name, func(b *testing.B) {
			var few, many time.Duration
			for range rounds {
				few += query(small, smallPool, q)
				many += query(large, largePool, q)
			}
			b.ReportMetric(float64(few.Microseconds())/rounds, "µs/1000-users")
			b.ReportMetric(float64(many.Microseconds())/rounds, "µs/100000-users")
			b.ReportMetric(float64(many)/float64(few), "ratio")
			b.ReportMetric(1.25, "reach")
			b.ReportMetric(0, "ns/op")
		})
	}
}
