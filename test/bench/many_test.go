package bench

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/token"
	"github.com/cenote-id/cenote/internal/wire"
)

// BenchmarkManyPools is a server with 10,000 pools beside the same server with one: its start, its memory, CreateUserPool, and what a sign-in costs
// it in processor time.
func BenchmarkManyPools(b *testing.B) {
	scale(b)
	const pools, signIns = 10_000, 200
	single, d := newDirectory(b, 1), newDirectory(b, 1)
	single.addUser(b, "ann")
	d.addUser(b, "ann")
	data := openBeside(b, d.process, "")
	ids := addPools(b, data.Store, pools)
	if err := data.Close(); err != nil {
		b.Fatal(err)
	}
	start := startTime(b, d.process)
	var one, many time.Duration
	for round := range rounds + 1 {
		for _, s := range []*directory{single, d} {
			before := CPUOf(b, s.process.PID())
			load(b, 1, signIns, func(int) error { _, err := s.passwordSignIn("ann"); return err })
			used := CPUOf(b, s.process.PID()) - before
			switch {
			case round == 0: // to warm up
			case s == d:
				many += used
			default:
				one += used
			}
		}
	}
	resident, _ := MemoryOf(b, d.process.PID())
	var created []time.Duration
	for i := range 15 {
		time.Sleep(2 * time.Second) // for the next pair of keys
		begin := time.Now()
		d.must(b)(d.Signed("CreateUserPool", object{"PoolName": fmt.Sprint("new", i)}))
		created = append(created, time.Since(begin))
	}
	slices.Sort(created)
	for _, id := range ids { // each pool is used once
		res, err := http.Get(d.URL + "/" + id + "/.well-known/jwks.json")
		if err != nil {
			b.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, res.Body)
		if err := res.Body.Close(); err != nil || res.StatusCode != http.StatusOK {
			b.Fatal(res.Status, err)
		}
	}
	used, _ := MemoryOf(b, d.process.PID())
	b.ReportMetric(float64(start.Milliseconds()), "ms-start")
	b.ReportMetric(float64(resident)/(1<<20), "MiB")
	b.ReportMetric(float64(used)/(1<<20), "MiB-all-used")
	b.ReportMetric(float64(created[len(created)/2].Microseconds())/1000, "ms-CreateUserPool")
	b.ReportMetric(float64(many)/float64(one), "sign-in-ratio")
	b.ReportMetric(0, "ns/op")
}

// addPools makes so many pools, which share their signing keys.
func addPools(b *testing.B, s *store.Store, n int) (ids []string) {
	b.Helper()
	keys, err := token.NewKeyMaker(time.Now, 0).Pair()
	if err != nil {
		b.Fatal(err)
	}
	const batch = 100
	for first := 0; first < n; first += batch {
		err := s.Bulk(b.Context(), func(tx *store.Tx) error {
			ids = ids[:first]
			for i := range batch {
				p, err := pool.New(&wire.CreateUserPoolInput{PoolName: fmt.Sprint("pool", first+i)}, "us-east-1", "000000000000", time.Now())
				if err != nil {
					return err
				}
				p.Keys = keys
				if err := tx.InsertPool(p); err != nil {
					return err
				}
				ids = append(ids, p.ID)
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	return ids
}

// BenchmarkLargeGroups deletes ten groups of 100,000 members, and then their pool, while another change is asked for every few milliseconds:
// how long it waits for the writer.
func BenchmarkLargeGroups(b *testing.B) {
	const groups = 10
	members := scaleUsers(b) / 10
	s, p := crowd(b, 0)
	ids := fillFast(b, s, p.ID, members)
	for g := range groups {
		name := fmt.Sprint("group", g)
		update(b, s, func(tx *store.Tx) error {
			return tx.InsertGroup(pool.Group{PoolID: p.ID, Name: name, Created: time.Now()})
		})
		for some := range slices.Chunk(ids, 1000) {
			update(b, s, func(tx *store.Tx) error {
				for _, id := range some {
					if err := tx.AddMember(p.ID, name, id, time.Now()); err != nil {
						return err
					}
				}
				return nil
			})
		}
	}
	b.Run("DeleteGroup", func(b *testing.B) {
		waits(b, s, func() {
			for g := range groups {
				update(b, s, func(tx *store.Tx) error { return tx.DeleteGroup(p.ID, fmt.Sprint("group", g)) })
			}
			if err := s.Sweep(b.Context(), time.Now()); err != nil {
				b.Error(err)
			}
		})
	})
	b.Run("DeleteUserPool", func(b *testing.B) {
		waits(b, s, func() {
			update(b, s, func(tx *store.Tx) error { return tx.DeletePool(p.ID) })
			if err := s.Sweep(b.Context(), time.Now()); err != nil {
				b.Error(err)
			}
		})
	})
}

func update(tb testing.TB, s *store.Store, fn func(tx *store.Tx) error) {
	tb.Helper()
	if err := s.Bulk(tb.Context(), fn); err != nil {
		tb.Fatal(err)
	}
}

// waits reports how long small changes wait while work runs.
func waits(b *testing.B, s *store.Store, work func()) {
	b.Helper()
	done := make(chan struct{})
	var all []time.Duration
	var wg sync.WaitGroup
	wg.Go(func() {
		for n := 0; ; n++ {
			select {
			case <-done:
				return
			case <-time.After(5 * time.Millisecond):
			}
			begin := time.Now()
			err := s.Update(b.Context(), func(tx *store.Tx) error {
				_, err := tx.Consume("us-east-1_other", fmt.Sprint(b.Name(), n), time.Now().Add(time.Hour))
				return err
			})
			if err != nil {
				b.Error(err)
				return
			}
			all = append(all, time.Since(begin))
		}
	})
	begin := time.Now()
	work()
	took := time.Since(begin)
	close(done)
	wg.Wait()
	slices.Sort(all)
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	b.ReportMetric(took.Seconds(), "s")
	b.ReportMetric(ms(all[len(all)/2]), "ms-median")
	b.ReportMetric(ms(all[len(all)*99/100]), "ms-p99")
	b.ReportMetric(ms(all[len(all)-1]), "ms-longest")
	b.ReportMetric(50, "reach")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkHotUser compares sign-ins of one user over 16 connections with those of 200 users, and of users in ten pools: what they cost the
// server in processor time.
func BenchmarkHotUser(b *testing.B) {
	const connections, users, pools, n = 16, 200, 10, 400
	d := newDirectory(b, connections)
	for i := range users {
		d.addUser(b, fmt.Sprint("user", i))
	}
	all := []*directory{d}
	for range pools - 1 {
		next := d.another(b)
		next.addUser(b, "user0")
		all = append(all, next)
	}
	cost := func(call func(i int) error) (total time.Duration) {
		for range rounds {
			before := CPUOf(b, d.process.PID())
			load(b, connections, n, call)
			total += CPUOf(b, d.process.PID()) - before
		}
		return total / rounds / n
	}
	spread := cost(func(i int) error { _, err := d.passwordSignIn(fmt.Sprint("user", i%users)); return err })
	hot := cost(func(int) error { _, err := d.passwordSignIn("user0"); return err })
	overPools := cost(func(i int) error { _, err := all[i%pools].passwordSignIn("user0"); return err })
	b.ReportMetric(float64(hot.Microseconds()), "cpu-µs/hot-user")
	b.ReportMetric(float64(hot)/float64(spread), "of-200-users")
	b.ReportMetric(float64(hot)/float64(overPools), "of-10-pools")
	b.ReportMetric(1.25, "reach")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkCapacity checks the formula of docs/performance.md: sign-ins a second are 0.7 of the processors over the floor of a sign-in, and a
// user takes 2,000 bytes in the embedded database.
func BenchmarkCapacity(b *testing.B) {
	const connections, n, processors, users = 4, 400, 2, 20_000
	d := newDirectory(b, connections)
	d.addUser(b, "ann")
	call := func(int) error { _, err := d.passwordSignIn("ann"); return err }
	load(b, connections, n/4, call)
	var floor, used time.Duration
	for range rounds {
		f := MeasureFloor(b, floorRounds)
		floor += 2*f.RSA + f.Verifier + overhead
		before := CPUOf(b, d.process.PID())
		load(b, connections, n, call)
		used += (CPUOf(b, d.process.PID()) - before) / n
	}
	data := openBeside(b, d.process, "")
	before := sizeOf(b, d.process.DataDir)
	fillFast(b, data.Store, d.pool, users)
	bytes := float64(sizeOf(b, d.process.DataDir)-before) / users
	predicted, measured := 0.7*processors/(floor/rounds).Seconds(), processors/(used/rounds).Seconds()
	b.ReportMetric(predicted, "predicted-sign-ins/s")
	b.ReportMetric(measured, "sign-ins/s")
	b.ReportMetric(measured/predicted, "ratio")
	b.ReportMetric(1, "reach")
	b.ReportMetric(bytes, "bytes/user")
	b.ReportMetric(2000, "bytes-reach")
	b.ReportMetric(0, "ns/op")
}
