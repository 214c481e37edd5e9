// Package soak runs a server for long under a steady, mixed load and watches what must not grow: memory, open files, goroutines, and the
// database beyond what its answers explain.
//
// "make soak" runs it for an hour on each database; CENOTE_SOAK is another duration and CENOTE_SOAK_RATE another number of operations per
// second. Without CENOTE_SOAK it runs for a few seconds, which only tries the load.
package soak

import (
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/cenote-id/cenote/internal/cenotetest"
	"github.com/cenote-id/cenote/internal/cenotetest/pgtest"
)

const (
	envDuration = "CENOTE_SOAK"
	envRate     = "CENOTE_SOAK_RATE"
)

// short is how long a soak lasts that only tries the load.
const short = 3 * time.Second

func TestASteadyLoadMakesNothingGrow(t *testing.T) {
	for name, database := range map[string]func(testing.TB) string{
		"sqlite":   func(testing.TB) string { return "" },
		"postgres": pgtest.Start,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			duration, rate := short, 20
			if given := os.Getenv(envDuration); given != "" {
				var err error
				duration, err = time.ParseDuration(given)
				must(t, err)
			}
			if given := os.Getenv(envRate); given != "" {
				var err error
				rate, err = strconv.Atoi(given)
				must(t, err)
			}
			url := database(t)
			server := cenotetest.StartBinary(t, cenotetest.BinaryOptions{Database: url})
			l := newLoad(t, server)
			w := &watch{server: server, database: url}
			l.run(t, duration, rate, w)
			w.report(t)
			if duration > 10*short {
				w.judge(t)
			}
		})
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
