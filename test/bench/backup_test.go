package bench

import (
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/cenote-id/cenote/internal/cenotetest"
)

// BenchmarkBackup compares how long sign-ins wait while `cenote backup` copies the embedded database of 1,000,000 users with how long they wait
// without it. They come 100 a second, whether earlier ones are answered or not, so that none is spared a wait.
func BenchmarkBackup(b *testing.B) {
	users := scaleUsers(b)
	d := newDirectory(b, 64)
	d.addUser(b, "ann")
	data := openBeside(b, d.process, "")
	fillFast(b, data.Store, d.pool, users)
	if err := data.Close(); err != nil {
		b.Fatal(err)
	}
	to := filepath.Join(b.TempDir(), "backup.db")
	var without, with []time.Duration
	var took time.Duration
	for round := range rounds + 1 {
		begin := time.Now()
		during := d.steadily(b, 100, func() {
			said, err := exec.Command(cenotetest.Binary(b), "backup", "--data-dir", d.process.DataDir, "--to", to, "--force").CombinedOutput()
			if err != nil {
				b.Errorf("%v: %s", err, said)
			}
		})
		backup := time.Since(begin)
		before := d.steadily(b, 100, func() { time.Sleep(backup) })
		if round > 0 { // the first warms up
			without, with, took = append(without, before...), append(with, during...), took+backup
		}
	}
	slices.Sort(without)
	slices.Sort(with)
	p99 := func(waits []time.Duration) float64 { return float64(waits[len(waits)*99/100].Microseconds()) / 1000 }
	b.ReportMetric(took.Seconds()/rounds, "s-backup")
	b.ReportMetric(float64(with[len(with)/2].Microseconds())/1000, "ms-median")
	b.ReportMetric(p99(without), "ms-p99-without")
	b.ReportMetric(p99(with), "ms-p99")
	b.ReportMetric(p99(with)/p99(without), "ratio")
	b.ReportMetric(2, "reach")
	b.ReportMetric(0, "ns/op")
}

// steadily signs in so many times a second while work runs, and returns how long each took.
func (d *directory) steadily(b *testing.B, perSecond int, work func()) (waits []time.Duration) {
	b.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		work()
	}()
	var mu sync.Mutex
	var wg sync.WaitGroup
	tick := time.NewTicker(time.Second / time.Duration(perSecond))
	defer tick.Stop()
	for {
		select {
		case <-done:
			wg.Wait()
			return waits
		case due := <-tick.C:
			wg.Go(func() {
				_, err := d.passwordSignIn("ann")
				mu.Lock()
				defer mu.Unlock()
				if err != nil {
					b.Error(err)
				}
				waits = append(waits, time.Since(due))
			})
		}
	}
}
