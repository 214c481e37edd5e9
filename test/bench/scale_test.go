package bench

import (
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/google/uuid"

	"github.com/cenote-id/cenote/internal/cenotetest"
	"github.com/cenote-id/cenote/internal/cenotetest/pgtest"
	"github.com/cenote-id/cenote/internal/operate"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/user"
)

// scaleUsers is how many users a large pool has: 1,000,000, or CENOTE_SCALE if that is more than 1.
func scaleUsers(tb testing.TB) int {
	tb.Helper()
	scale(tb)
	if n, err := strconv.Atoi(os.Getenv("CENOTE_SCALE")); err == nil && n > 1 {
		return n
	}
	return 1_000_000
}

// BenchmarkScale compares requests to a pool of 1,000,000 users with those to a pool of 1,000 on the same server, on both databases: what
// they cost the server in processor time, and the median of what a client waits for. The pool comes to PostgreSQL in an archive.
func BenchmarkScale(b *testing.B) {
	users := scaleUsers(b)
	large := newDirectory(b, 1)
	small := large.another(b)
	data := openBeside(b, large.process, "")
	fillFast(b, data.Store, small.pool, 1_000)
	fillFast(b, data.Store, large.pool, users)
	small.addUser(b, "ann")
	large.addUser(b, "ann")

	key, err := age.GenerateX25519Identity()
	if err != nil {
		b.Fatal(err)
	}
	file := filepath.Join(b.TempDir(), "pools.age")
	var exported, imported time.Duration
	begin := time.Now()
	if _, err := data.Export(b.Context(), nil, file, false, []age.Recipient{key.Recipient()}, func(float64) {}); err != nil {
		b.Fatal(err)
	}
	exported = time.Since(begin)
	if err := data.Close(); err != nil {
		b.Fatal(err)
	}
	b.Run("SQLite", func(b *testing.B) {
		compare(b, small, large, users, func() int64 { return sizeOf(b, large.process.DataDir) })
	})
	large.process.Kill()

	database := pgtest.Start(b)
	p := cenotetest.StartBinary(b, cenotetest.BinaryOptions{Database: database})
	data = openBeside(b, p, database)
	begin = time.Now()
	if _, err := data.Import(b.Context(), file, []age.Identity{key}, false, func(float64) {}); err != nil {
		b.Fatal(err)
	}
	imported = time.Since(begin)
	size := func() (n int64) {
		db, err := sql.Open("pgx", database)
		if err == nil {
			err = db.QueryRowContext(b.Context(), "select pg_database_size(current_database())").Scan(&n)
		}
		if err := errors.Join(err, db.Close()); err != nil {
			b.Fatal(err)
		}
		return n
	}
	for _, d := range []*directory{small, large} {
		d.Client, d.process = NewClient(p, 1), p
	}
	b.Run("PostgreSQL", func(b *testing.B) { compare(b, small, large, users, size) })
	b.Run("archive", func(b *testing.B) {
		b.ReportMetric(exported.Seconds(), "s-export")
		b.ReportMetric(imported.Seconds(), "s-import")
		b.ReportMetric(float64(sizeOf(b, file))/float64(users), "bytes/user")
		b.ReportMetric(0, "ns/op")
	})
}

// compare measures requests to a small and a large directory.
func compare(b *testing.B, small, large *directory, users int, size func() int64) {
	b.Helper()
	tokens := map[*directory]string{}
	for _, d := range []*directory{small, large} {
		tokens[d] = at(d.must(b)(d.passwordSignIn("ann")), "AuthenticationResult", "AccessToken")
	}
	made := 0
	for _, c := range []struct {
		name  string
		calls int
		call  func(d *directory, user int) error
	}{
		{"sign-in", 100, func(d *directory, _ int) error { _, err := d.passwordSignIn("ann"); return err }},
		{"GetUser", 400, func(d *directory, _ int) error {
			_, err := d.Call("GetUser", object{"AccessToken": tokens[d]})
			return err
		}},
		{"AdminGetUser", 400, func(d *directory, n int) error {
			_, err := d.Signed("AdminGetUser", object{"UserPoolId": d.pool, "Username": fmt.Sprintf("user%07d", n)})
			return err
		}},
		{"filter", 400, func(d *directory, n int) error {
			out, err := d.Signed("ListUsers", object{"UserPoolId": d.pool, "Filter": fmt.Sprintf(`email = "user%07d@example.com"`, n)})
			if found, _ := out["Users"].([]any); err == nil && len(found) != 1 {
				err = fmt.Errorf("the filter finds %d users", len(found))
			}
			return err
		}},
		{"page", 100, func(d *directory, _ int) error {
			_, err := d.Signed("ListUsers", object{"UserPoolId": d.pool, "Limit": 60})
			return err
		}},
		{"AdminCreateUser", 200, func(d *directory, _ int) error {
			made++
			_, err := d.Signed("AdminCreateUser", object{
				"UserPoolId": d.pool, "Username": fmt.Sprintf("new%07d", made), "MessageAction": "SUPPRESS",
				"UserAttributes": []object{{"Name": "email", "Value": fmt.Sprintf("new%07d@example.com", made)}},
			})
			return err
		}},
	} {
		b.Run(c.name, func(b *testing.B) {
			costs := map[*directory]*cost{small: {}, large: {}}
			most := map[*directory]int{small: 1_000, large: users}
			for round := range rounds + 1 {
				for _, d := range []*directory{small, large} {
					got := costs[d]
					if round == 0 { // to warm up
						got = &cost{}
					}
					before := CPUOf(b, d.process.PID())
					for i := range c.calls {
						begin := time.Now()
						if err := c.call(d, i*7_368_787%most[d]); err != nil {
							b.Fatal(err)
						}
						got.waits = append(got.waits, time.Since(begin))
					}
					got.cpu += CPUOf(b, d.process.PID()) - before
				}
			}
			few, many := costs[small], costs[large]
			n := time.Duration(rounds * c.calls)
			b.ReportMetric(float64((few.cpu / n).Microseconds()), "cpu-µs/1000-users")
			b.ReportMetric(float64((many.cpu / n).Microseconds()), "cpu-µs/all-users")
			b.ReportMetric(float64(many.cpu)/float64(few.cpu), "cpu-ratio")
			b.ReportMetric(float64(many.median())/float64(few.median()), "ratio")
			b.ReportMetric(1.5, "reach")
			b.ReportMetric(0, "ns/op")
		})
	}
	b.Run("server", func(b *testing.B) {
		resident, anonymous := MemoryOf(b, large.process.PID())
		b.ReportMetric(float64(resident)/(1<<20), "MiB")
		b.ReportMetric(float64(anonymous)/(1<<20), "anonymous-MiB")
		b.ReportMetric(float64(size())/float64(users), "bytes/user")
		b.ReportMetric(float64(startTime(b, large.process).Milliseconds()), "ms-start")
		b.ReportMetric(0, "ns/op")
	})
}

// startTime is how long a server takes to start again, on average.
func startTime(tb testing.TB, p *cenotetest.Process) (total time.Duration) {
	tb.Helper()
	const starts = 5
	for range starts {
		p.Kill()
		begin := time.Now()
		p.Start(tb)
		total += time.Since(begin)
	}
	return total / starts
}

// cost is what calls cost the server and let the client wait.
type cost struct {
	cpu   time.Duration
	waits []time.Duration
}

func (c *cost) median() time.Duration {
	slices.Sort(c.waits)
	return c.waits[len(c.waits)/2]
}

// another makes another pool with a client on the server.
func (d *directory) another(tb testing.TB) *directory {
	tb.Helper()
	next := &directory{Client: d.Client, process: d.process}
	next.makePool(tb)
	return next
}

// openBeside opens the database of a server in this process too.
func openBeside(tb testing.TB, p *cenotetest.Process, database string) *operate.Data {
	tb.Helper()
	given := []string{"data-dir=" + p.DataDir}
	if database != "" {
		given = append(given, "database="+database)
	}
	d, err := operate.OpenExisting(tb.Context(), cenotetest.Settings(tb, given...), operate.DataOptions{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = d.Close() })
	return d
}

// fillFast gives a stored pool so many users, and returns their ids, which come in order.
func fillFast(tb testing.TB, s *store.Store, poolID string, n int) (ids []string) {
	tb.Helper()
	const batch = 500
	var p *pool.Pool
	for first := 0; first < n; first += batch {
		err := s.Bulk(tb.Context(), func(tx *store.Tx) (err error) {
			if p, err = tx.Pool(poolID); err != nil {
				return err
			}
			ids = ids[:first]
			for i := first; i < min(first+batch, n); i++ {
				id := uuid.New()
				binary.BigEndian.PutUint32(id[:], uint32(i*(1<<32/n)))
				u := user.New(p, id.String(), fmt.Sprintf("user%07d", i), user.Confirmed, time.Now())
				u.Attributes["email"] = fmt.Sprintf("user%07d@example.com", i)
				u.Attributes["given_name"], u.Attributes["family_name"] = "Ann", fmt.Sprintf("Family%d", i%1000)
				if err := tx.InsertUser(p, u); err != nil {
					return err
				}
				ids = append(ids, u.ID)
			}
			return nil
		})
		if err != nil {
			tb.Fatal(err)
		}
	}
	return ids
}

// sizeOf is how many bytes the files in a folder have.
func sizeOf(tb testing.TB, dir string) (n int64) {
	tb.Helper()
	err := filepath.WalkDir(dir, func(_ string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		if err == nil {
			n += info.Size()
		}
		return err
	})
	if err != nil {
		tb.Fatal(err)
	}
	return n
}
