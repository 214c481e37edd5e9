package bench

import (
	"bufio"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/cenote-id/cenote/internal/importer"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/token"
	"github.com/cenote-id/cenote/internal/wire"

	"github.com/cenote-id/cenote/internal/pool"
)

// BenchmarkUserImport is how many rows of a file become users in a second, of the clock and of the processor, and how much memory that takes,
// with 50,000 rows and, at scale, with 500,000.
func BenchmarkUserImport(b *testing.B) {
	b.Run("50000", func(b *testing.B) { importUsers(b, 50_000) })
	b.Run("500000", func(b *testing.B) {
		scale(b)
		importUsers(b, 500_000)
	})
}

func importUsers(b *testing.B, rows int) {
	b.Helper()
	s := openStore(b, b.TempDir())
	p, err := pool.New(&wire.CreateUserPoolInput{PoolName: "import", AutoVerifiedAttributes: []string{"email"}}, "us-east-1", "000000000000", time.Now())
	if err != nil {
		b.Fatal(err)
	}
	if p.Keys, err = token.NewKeyMaker(time.Now, 0).Pair(); err != nil {
		b.Fatal(err)
	}
	job := pool.NewImportJob(p, &wire.CreateUserImportJobInput{JobName: "import"}, time.Now())
	if err := s.Update(b.Context(), func(tx *store.Tx) error {
		if err := tx.InsertPool(p); err != nil {
			return err
		}
		return tx.InsertImportJob(job)
	}); err != nil {
		b.Fatal(err)
	}
	before := peakMemory(b, os.Getpid())
	if err := (importer.Uploads{Store: s, Now: time.Now}).Take(b.Context(), job, usersFile(p, rows)); err != nil {
		b.Fatal(err)
	}
	var done *pool.ImportJob
	change := func(fn func(*pool.ImportJob) error) {
		err := s.Update(b.Context(), func(tx *store.Tx) (err error) {
			if done, err = tx.ImportJob(p, job.ID); err == nil {
				err = fn(done)
			}
			if err == nil {
				err = tx.SaveImportJob(done)
			}
			return err
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	change(func(j *pool.ImportJob) error { return j.Start(time.Now()) })
	begin, cpu := time.Now(), ownCPU()
	if err := (&importer.Runner{Store: s, Now: time.Now, Log: slog.New(slog.DiscardHandler)}).Round(b.Context()); err != nil {
		b.Fatal(err)
	}
	took, used := time.Since(begin), ownCPU()-cpu
	change(func(*pool.ImportJob) error { return nil })
	if done.Imported != int64(rows) {
		b.Fatalf("the job ends as %+v", done)
	}
	b.ReportMetric(float64(rows)/took.Seconds(), "rows/s")
	b.ReportMetric(5000, "reach")
	b.ReportMetric(float64(rows)/used.Seconds(), "rows/cpu-s")
	b.ReportMetric(float64(peakMemory(b, os.Getpid())-before)/(1<<20), "grown-MiB")
	b.ReportMetric(0, "ns/op")
}

// usersFile is a file of so many users in no order, which is written while it is read.
func usersFile(p *pool.Pool, rows int) io.Reader {
	from, to := io.Pipe()
	go func() {
		w := bufio.NewWriter(to)
		columns := p.ImportColumns()
		_, _ = w.WriteString(strings.Join(columns, ",") + "\n") // the writer keeps its error for Flush
		const stride = 7_368_787                                // a prime
		for n := range rows {
			i := n * stride % rows
			values := map[string]string{
				pool.ImportUsername: fmt.Sprintf("user%07d", i), pool.ImportMFA: "false", "email": fmt.Sprintf("user%07d@example.com", i), "email_verified": "true",
				"given_name": "Ann", "family_name": fmt.Sprintf("Family%d", i%1000),
			}
			for j, c := range columns {
				if j > 0 {
					_ = w.WriteByte(',')
				}
				_, _ = w.WriteString(values[c])
			}
			_ = w.WriteByte('\n')
		}
		_ = to.CloseWithError(w.Flush())
	}()
	return from
}
