// Command progress reads the stream of `go test -json` and prints what `go test` prints: a line per package, and the output of tests that
// failed. While tests run silently it names them every 30 seconds, so that a long run is seen to move. It exits 1 when a package failed.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"time"
)

const interval = 30 * time.Second

// event is one line of the stream, as `go doc cmd/test2json` describes it.
type event struct {
	Action, Package, Test, Output string
	ImportPath                    string // of a build's output
}

// name is the test that an event is about; a package alone has no test.
type name struct{ pkg, test string }

// report keeps what may still have to be printed.
type report struct {
	out     io.Writer
	kept    map[name][]string    // output of tests and packages under way
	running map[string]time.Time // packages
	current map[string]string    // package -> the test that spoke last
	failed  bool
}

func main() {
	lines := make(chan string)
	go func() {
		defer close(lines)
		in := bufio.NewReader(os.Stdin)
		for {
			line, err := in.ReadString('\n')
			if line != "" {
				lines <- line
			}
			if err != nil {
				return
			}
		}
	}()
	r := &report{out: os.Stdout, kept: map[name][]string{}, running: map[string]time.Time{}, current: map[string]string{}}
	tick := time.NewTicker(interval)
	for {
		select {
		case line, more := <-lines:
			if !more {
				if r.failed {
					os.Exit(1)
				}
				return
			}
			r.take(line, time.Now())
		case now := <-tick.C:
			r.tell(now)
		}
	}
}

// take handles one line of the stream; a line that is no event is printed as it is.
func (r *report) take(line string, now time.Time) {
	var e event
	if err := json.Unmarshal([]byte(line), &e); err != nil {
		fmt.Fprint(r.out, line)
		return
	}
	this := name{e.Package, e.Test}
	switch e.Action {
	case "start":
		r.running[e.Package] = now
	case "run":
		r.current[e.Package] = e.Test
	case "output":
		r.kept[this] = append(r.kept[this], e.Output)
	case "build-output":
		fmt.Fprint(r.out, e.Output)
	case "build-fail":
		r.failed = true
	case "pass", "skip", "fail":
		r.end(this, e.Action)
	}
}

// end prints the output of a test that failed, and the closing line of a package.
func (r *report) end(this name, action string) {
	output := r.kept[this]
	delete(r.kept, this)
	if this.test != "" {
		if action == "fail" {
			fmt.Fprint(r.out, strings.Join(output, ""))
		}
		return
	}
	delete(r.running, this.pkg)
	if action == "fail" {
		r.failed = true
		for _, unfinished := range slices.Collect(maps.Keys(r.kept)) { // a panic or a time limit ends tests without a word of their own
			if unfinished.pkg == this.pkg {
				fmt.Fprint(r.out, strings.Join(r.kept[unfinished], ""))
				delete(r.kept, unfinished)
			}
		}
		fmt.Fprint(r.out, strings.Join(output, ""))
		return
	}
	for _, text := range output { // without what the tests of a passing package say
		if strings.HasPrefix(text, "ok ") || strings.HasPrefix(text, "?  ") {
			fmt.Fprint(r.out, text)
		}
	}
}

// tell names what runs.
func (r *report) tell(now time.Time) {
	for _, pkg := range slices.Sorted(maps.Keys(r.running)) {
		fmt.Fprintf(r.out, "...\t%s\t%s\t%s\n", pkg, now.Sub(r.running[pkg]).Round(time.Second), r.current[pkg])
	}
}
