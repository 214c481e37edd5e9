package importer_test

import (
	"crypto/rand"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/cenote-id/cenote/internal/cenotetest/pgtest"
	"github.com/cenote-id/cenote/internal/importer"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/seal"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/token"
	"github.com/cenote-id/cenote/internal/wire"
)

func TestALargeImportHoldsUpNobodysSmallOne(t *testing.T) {
	t.Parallel()
	for name, start := range map[string]func(testing.TB) string{
		"SQLite":     func(t testing.TB) string { return "sqlite:" + filepath.Join(t.TempDir(), "cenote.db") },
		"PostgreSQL": func(t testing.TB) string { return pgtest.Start(t) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t, start(t))
			now := time.Now()
			large := addJob(t, s, "111111111111", 40*250, now)
			var small []*pool.ImportJob
			for i := range 3 {
				small = append(small, addJob(t, s, fmt.Sprintf("22222222222%d", i), 300, now.Add(time.Second)))
			}
			runner := importer.Runner{Store: s, Now: time.Now, Log: slog.New(slog.DiscardHandler)}
			if err := runner.Round(t.Context()); err != nil {
				t.Fatal(err)
			}
			last := reload(t, s, large)
			if last.Status != pool.ImportSucceeded || last.Imported != 40*250 {
				t.Fatalf("the large one: %+v", last)
			}
			for _, j := range small {
				if j = reload(t, s, j); j.Status != pool.ImportSucceeded || j.Imported != 300 || !j.Completed.Before(last.Completed) {
					t.Errorf("%s: %d users at %s, the large one ended at %s", j.Status, j.Imported, j.Completed, last.Completed)
				}
			}
		})
	}
}

func open(t testing.TB, database string) *store.Store {
	t.Helper()
	key := make([]byte, seal.KeySize)
	rand.Read(key)
	master, err := seal.NewMaster(key)
	must(t, err)
	s, err := store.Open(t.Context(), store.Options{Database: database, Master: master, Now: time.Now})
	must(t, err)
	t.Cleanup(func() { must(t, s.Close()) })
	return s
}

// addJob starts the import of so many users to a pool of the account.
func addJob(t testing.TB, s *store.Store, account string, rows int, started time.Time) *pool.ImportJob {
	t.Helper()
	p, err := pool.New(&wire.CreateUserPoolInput{PoolName: "import", AutoVerifiedAttributes: []string{"email"}}, "us-east-1", account, started)
	must(t, err)
	p.Keys, err = token.NewKeyMaker(time.Now, 0).Pair()
	must(t, err)
	job := pool.NewImportJob(p, &wire.CreateUserImportJobInput{JobName: "import"}, started)
	must(t, s.Update(t.Context(), func(tx *store.Tx) error {
		if err := tx.InsertPool(p); err != nil {
			return err
		}
		return tx.InsertImportJob(job)
	}))
	columns := p.ImportColumns()
	var file strings.Builder
	file.WriteString(strings.Join(columns, ",") + "\n")
	for i := range rows {
		values := map[string]string{
			pool.ImportUsername: fmt.Sprintf("user%d", i), pool.ImportMFA: "false", "email": fmt.Sprintf("user%d@example.com", i), "email_verified": "true",
		}
		for j, c := range columns {
			if j > 0 {
				file.WriteByte(',')
			}
			file.WriteString(values[c])
		}
		file.WriteByte('\n')
	}
	must(t, importer.Uploads{Store: s, Now: time.Now}.Take(t.Context(), job, strings.NewReader(file.String())))
	must(t, s.Update(t.Context(), func(tx *store.Tx) error {
		j, err := tx.ImportJob(p, job.ID)
		if err != nil {
			return err
		}
		if err := j.Start(started); err != nil {
			return err
		}
		return tx.SaveImportJob(j)
	}))
	return job
}

func reload(t testing.TB, s *store.Store, job *pool.ImportJob) (found *pool.ImportJob) {
	t.Helper()
	must(t, s.View(t.Context(), func(tx *store.Tx) error {
		p, err := tx.Pool(job.PoolID)
		if err == nil {
			found, err = tx.ImportJob(p, job.ID)
		}
		return err
	}))
	return found
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
