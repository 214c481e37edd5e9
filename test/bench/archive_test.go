package bench

import (
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"filippo.io/age"

	"github.com/cenote-id/cenote/internal/cenotetest"
	"github.com/cenote-id/cenote/internal/operate"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/token"
)

// BenchmarkArchive is the time that an export and an import of a pool of 100,000 users take, and how much of the heap they use at most.
func BenchmarkArchive(b *testing.B) {
	const users = 100_000
	open := func() *operate.Data {
		c := cenotetest.Settings(b, "data-dir="+b.TempDir())
		d, err := operate.OpenData(b.Context(), c, operate.DataOptions{Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { _ = d.Close() })
		return d
	}
	old, next := open(), open()
	p, err := newPool(b), error(nil)
	if p.Keys, err = token.NewKeyMaker(time.Now, 0).Pair(); err != nil {
		b.Fatal(err)
	}
	if err := old.Update(b.Context(), func(tx *store.Tx) error { return tx.InsertPool(p) }); err != nil {
		b.Fatal(err)
	}
	fill(b, old.Store, p, users)
	key, err := age.GenerateX25519Identity()
	if err != nil {
		b.Fatal(err)
	}
	file := filepath.Join(b.TempDir(), "pool.age")
	var heap uint64
	watch := func(float64) {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		heap = max(heap, m.HeapInuse)
	}
	begin := time.Now()
	if _, err := old.Export(b.Context(), []string{p.ID}, file, false, []age.Recipient{key.Recipient()}, watch); err != nil {
		b.Fatal(err)
	}
	exported := time.Since(begin)
	begin = time.Now()
	did, err := next.Import(b.Context(), file, []age.Identity{key}, false, watch)
	if err != nil {
		b.Fatal(err)
	}
	imported := time.Since(begin)
	if did.Users != users {
		b.Fatalf("imported %d users", did.Users)
	}
	info, err := os.Stat(file)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(exported.Seconds(), "s-export")
	b.ReportMetric(imported.Seconds(), "s-import")
	b.ReportMetric(60, "reach")
	b.ReportMetric(float64(heap)/(1<<20), "heap-MiB")
	b.ReportMetric(float64(info.Size())/(1<<20), "file-MiB")
	b.ReportMetric(0, "ns/op")
}
