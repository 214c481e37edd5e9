package bench

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/token"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/wire"
)

// BenchmarkManyPools is a server with 10,000 pools beside the same server with one: its start, its memory, CreateUserPool, and what a sign-in costs
// it in processor time: to one of the pools, and spread over all of them as applications of different sizes would be.
func BenchmarkManyPools(b *testing.B) {
	scale(b)
	const pools, signIns = 10_000, 200
	single, d := newDirectory(b, 1), newDirectory(b, 1)
	single.addUser(b, "ann")
	d.addUser(b, "ann")
	data := openBeside(b, d.process, "")
	tenants := addPools(b, data.Store, pools)
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
	spread, spreadSRP := spreadSignIns(b, single, d, tenants)
	settled, _ := MemoryOf(b, d.process.PID())
	for _, tenant := range tenants { // each pool is used once
		res, err := http.Get(d.URL + "/" + tenant.pool + "/.well-known/jwks.json")
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
	b.ReportMetric(float64(settled)/(1<<20), "MiB-spread")
	b.ReportMetric(60, "MiB-reach")
	b.ReportMetric(spread, "spread-sign-in-ratio")
	b.ReportMetric(spreadSRP, "spread-SRP-ratio")
	b.ReportMetric(1.05, "ratio-reach")
	b.ReportMetric(float64(created[len(created)/2].Microseconds())/1000, "ms-CreateUserPool")
	b.ReportMetric(float64(many)/float64(one), "sign-in-ratio")
	b.ReportMetric(0, "ns/op")
}

// spreadSignIns compares the processor time of sign-ins that are spread over many pools with that of sign-ins to the only pool of another
// server, with the plain password and over SRP. The share of a pool falls with its rank (Zipf's law): of 10,000, the largest 2,000 have 84 % of
// the sign-ins, and the largest one 10 %.
func spreadSignIns(b *testing.B, single, d *directory, tenants []tenant) (plain, srp float64) {
	b.Helper()
	const warm, measured = 3_000, 2_000
	next := zipf(len(tenants))
	ratio := func(signIn func(t tenant) error, other func() error) float64 {
		load(b, 1, warm, func(int) error { return signIn(tenants[next()]) })
		load(b, 1, measured/4, func(int) error { return other() })
		before := CPUOf(b, d.process.PID())
		load(b, 1, measured, func(int) error { return signIn(tenants[next()]) })
		many := CPUOf(b, d.process.PID()) - before
		before = CPUOf(b, single.process.PID())
		load(b, 1, measured, func(int) error { return other() })
		return float64(many) / float64(CPUOf(b, single.process.PID())-before)
	}
	in := func(t tenant) *directory {
		return &directory{Client: d.Client, process: d.process, pool: t.pool, clientID: t.client}
	}
	plain = ratio(func(t tenant) error { _, err := in(t).passwordSignIn("ann"); return err },
		func() error { _, err := single.passwordSignIn("ann"); return err })
	proves, provers := single.newProver(b, "ann"), make(map[string]*prover, len(tenants))
	srp = ratio(func(t tenant) error {
		by := provers[t.pool]
		if by == nil {
			by = newProver(t.pool[len("us-east-1_"):], "ann", password, t.salt)
			provers[t.pool] = by
		}
		_, err := in(t).srpSignIn("ann", by)
		return err
	}, func() error { _, err := single.srpSignIn("ann", proves); return err })
	return plain, srp
}

// zipf returns ranks below n, from 0, by Zipf's law.
func zipf(n int) (next func() int) {
	sums := make([]float64, n)
	total := 0.0
	for i := range sums {
		total += 1 / float64(i+1)
		sums[i] = total
	}
	draws := uint64(0)
	return func() int { // the same ones in each run
		draws++
		sum := sha256.Sum256(binary.BigEndian.AppendUint64(nil, draws))
		at, _ := slices.BinarySearch(sums, float64(binary.BigEndian.Uint64(sum[:]))/(1<<64)*total)
		return at
	}
}

// tenant is one of many pools, with a client and the user "ann", whose verifier has the salt.
type tenant struct{ pool, client, salt string }

// addPools makes so many pools, which share their signing keys.
func addPools(b *testing.B, s *store.Store, n int) (all []tenant) {
	b.Helper()
	keys, err := token.NewKeyMaker(time.Now, 0).Pair()
	if err != nil {
		b.Fatal(err)
	}
	const batch = 100
	for first := 0; first < n; first += batch {
		err := s.Bulk(b.Context(), func(tx *store.Tx) error {
			all = all[:first]
			for i := range batch {
				t, err := addPool(tx, fmt.Sprint("pool", first+i), keys)
				if err != nil {
					return err
				}
				all = append(all, t)
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	return all
}

func addPool(tx *store.Tx, name string, keys []pool.SigningKey) (t tenant, err error) {
	p, err := pool.New(&wire.CreateUserPoolInput{PoolName: name}, "us-east-1", "000000000000", time.Now())
	if err != nil {
		return t, err
	}
	p.Keys = keys
	c, err := pool.NewClient(p, pool.Offers{}, &wire.CreateUserPoolClientInput{
		UserPoolId: p.ID, ClientName: "app", ExplicitAuthFlows: []string{"ALLOW_USER_PASSWORD_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"},
	}, time.Now())
	if err != nil {
		return t, err
	}
	u := user.New(p, uuid.NewString(), "ann", user.Confirmed, time.Now())
	u.Password = user.NewPassword(p, u.Username, password)
	return tenant{p.ID, c.ID, hex.EncodeToString(u.Password.Verifier.Salt)}, errors.Join(tx.InsertPool(p), tx.InsertClient(p, c), tx.InsertUser(p, u))
}

// BenchmarkLargeGroups deletes a hundred groups of 100,000 members, and then their pool, while another change is asked for every few milliseconds:
// how long it waits for the writer.
func BenchmarkLargeGroups(b *testing.B) {
	const groups = 100
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

// waits reports how long small changes wait while work runs, and beside it how long the disk takes to sync a page of another file: by a disk that
// answers nobody for a while the store is not judged.
func waits(b *testing.B, s *store.Store, work func()) {
	b.Helper()
	page, err := os.Create(filepath.Join(b.TempDir(), "page"))
	if err != nil {
		b.Fatal(err)
	}
	defer page.Close()
	done := make(chan struct{})
	var wg sync.WaitGroup
	every := func(times *[]time.Duration, do func(n int) error) {
		wg.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-done:
					return
				case <-time.After(5 * time.Millisecond):
				}
				begin := time.Now()
				if err := do(n); err != nil {
					b.Error(err)
					return
				}
				*times = append(*times, time.Since(begin))
			}
		})
	}
	var all, disk []time.Duration
	every(&all, func(n int) error {
		return s.Update(b.Context(), func(tx *store.Tx) error {
			_, err := tx.Consume("us-east-1_other", fmt.Sprint(b.Name(), n), time.Now().Add(time.Hour))
			return err
		})
	})
	every(&disk, func(int) error {
		_, err := page.WriteAt(make([]byte, 4096), 0)
		return errors.Join(err, page.Sync())
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
	b.ReportMetric(ms(slices.Max(disk)), "ms-disk-longest")
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
