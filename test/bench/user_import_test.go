package bench

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/cenote-id/cenote/internal/importer"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/token"
	"github.com/cenote-id/cenote/internal/wire"

	"github.com/cenote-id/cenote/internal/pool"
)

// BenchmarkUserImport is how many rows of a file become users in a second.
func BenchmarkUserImport(b *testing.B) {
	const rows = 50_000
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
	var file bytes.Buffer
	columns := p.ImportColumns()
	file.WriteString(strings.Join(columns, ",") + "\n")
	for i := range rows {
		values := map[string]string{
			pool.ImportUsername: fmt.Sprintf("user%07d", i), pool.ImportMFA: "false", "email": fmt.Sprintf("user%07d@example.com", i), "email_verified": "true",
			"given_name": "Ann", "family_name": fmt.Sprintf("Family%d", i%1000),
		}
		for j, c := range columns {
			if j > 0 {
				file.WriteByte(',')
			}
			file.WriteString(values[c])
		}
		file.WriteByte('\n')
	}
	if err := (importer.Uploads{Store: s, Now: time.Now}).Take(b.Context(), job, &file); err != nil {
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
	begin := time.Now()
	if err := (&importer.Runner{Store: s, Now: time.Now, Log: slog.New(slog.DiscardHandler)}).Round(b.Context()); err != nil {
		b.Fatal(err)
	}
	took := time.Since(begin)
	change(func(*pool.ImportJob) error { return nil })
	if done.Imported != rows {
		b.Fatalf("the job ends as %+v", done)
	}
	b.ReportMetric(rows/took.Seconds(), "rows/s")
	b.ReportMetric(5000, "reach")
	b.ReportMetric(0, "ns/op")
}
