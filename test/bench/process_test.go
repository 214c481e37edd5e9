package bench

import (
	"fmt"
	"net/http"
	"testing"
	"time"
)

// BenchmarkStart is the time from starting the process on an existing database to its first answer.
func BenchmarkStart(b *testing.B) {
	d := newDirectory(b, 1)
	d.addUser(b, "ann")
	var total time.Duration
	const starts = 10
	for range starts {
		d.process.Kill()
		start := time.Now()
		d.process.Start(b)
		res, err := http.Get(d.process.URL + "/" + d.pool + "/.well-known/jwks.json")
		if err != nil {
			b.Fatal(err)
		}
		_ = res.Body.Close()
		total += time.Since(start)
	}
	b.ReportMetric(float64(total.Milliseconds())/starts, "ms")
	b.ReportMetric(100, "reach")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkMemory is the memory of a server that has just made 10,000 users and signed some of them in.
func BenchmarkMemory(b *testing.B) {
	const connections, users = 8, 10_000
	d := newDirectory(b, connections)
	load(b, connections, users, func(i int) error {
		_, err := d.Signed("AdminCreateUser", object{"UserPoolId": d.pool, "Username": fmt.Sprintf("user%d", i), "MessageAction": "SUPPRESS"})
		return err
	})
	d.addUser(b, "ann")
	load(b, connections, 500, func(int) error {
		_, err := d.passwordSignIn("ann")
		return err
	})
	resident, anonymous := MemoryOf(b, d.process.PID())
	b.ReportMetric(float64(resident)/(1<<20), "MiB")
	b.ReportMetric(38, "reach")
	b.ReportMetric(float64(anonymous)/(1<<20), "anonymous-MiB")
	b.ReportMetric(14, "anonymous-reach")
	b.ReportMetric(0, "ns/op")
}
