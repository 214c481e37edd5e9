package bench

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// serveNothing is the variable that makes this program a server that does nothing.
const serveNothing = "CENOTE_BENCH_SERVE_NOTHING"

func TestMain(m *testing.M) {
	if os.Getenv(serveNothing) == "" {
		os.Exit(m.Run())
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	fmt.Println("http://" + l.Addr().String())
	answer := `{"Username":"` + strings.Repeat("x", 300) + `"}`
	panic(http.Serve(l, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		_, _ = io.WriteString(w, answer)
	})))
}

// BenchmarkNothing is what net/http itself costs for a request: the processor time of a server that reads it and answers as much as
// AdminGetUser does, under the same load. The floors of reads allow less for HTTP.
func BenchmarkNothing(b *testing.B) {
	server := exec.Command(os.Args[0])
	server.Env = append(os.Environ(), serveNothing+"=1")
	out, err := server.StdoutPipe()
	if err == nil {
		err = server.Start()
	}
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		_ = server.Process.Kill() // it serves until then
		_ = server.Wait()
	})
	url, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		b.Fatal(err)
	}
	c := &Client{URL: strings.TrimSpace(url), http: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 16, MaxConnsPerHost: 16}}}
	ask := func(int) error { _, err := c.Call("Nothing", object{"Username": "user500"}); return err }
	const calls = 1500
	load(b, 16, calls, ask)
	var used time.Duration
	for range rounds {
		before := CPUOf(b, server.Process.Pid)
		load(b, 16, calls, ask)
		used += (CPUOf(b, server.Process.Pid) - before) / calls
	}
	b.ReportMetric(float64(used.Microseconds())/rounds, "server-µs/op")
	b.ReportMetric(0, "ns/op")
}
