package soak

import (
	"bufio"
	"context"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/cenote-id/cenote/internal/cenotetest"
)

// watch takes samples of a server.
type watch struct {
	server   *cenotetest.Process
	database string // postgres:// URL; empty for SQLite
	samples  []sample
}

// sample is what a server holds at a moment, and what it has done so far.
type sample struct {
	memory, files, goroutines, database, inFolder float64 // bytes, but for files, goroutines and files in the data folder
	done, changes                                 int64
}

func (w *watch) sample(t *testing.T, done, changes int64) {
	t.Helper()
	metrics := w.metrics(t)
	s := sample{
		memory: metrics["process_resident_memory_bytes"], files: metrics["process_open_fds"], goroutines: metrics["go_goroutines"],
		done: done, changes: changes,
	}
	entries, err := os.ReadDir(w.server.DataDir)
	must(t, err)
	s.inFolder = float64(len(entries))
	if w.database != "" {
		s.database = w.ofPostgres(t)
	} else {
		for _, name := range []string{"cenote.db", "cenote.db-wal"} {
			if info, err := os.Stat(filepath.Join(w.server.DataDir, name)); err == nil {
				s.database += float64(info.Size())
			}
		}
	}
	w.samples = append(w.samples, s)
}

func (w *watch) ofPostgres(t *testing.T) float64 {
	t.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, w.database)
	must(t, err)
	defer conn.Close(ctx)
	var size int64
	must(t, conn.QueryRow(ctx, "select pg_database_size(current_database())").Scan(&size))
	return float64(size)
}

// metrics reads the server's metrics that have no labels.
func (w *watch) metrics(t *testing.T) map[string]float64 {
	t.Helper()
	r, err := http.NewRequestWithContext(context.Background(), http.MethodGet, w.server.URL+"/metrics", nil)
	must(t, err)
	res, err := http.DefaultClient.Do(r)
	must(t, err)
	defer res.Body.Close()
	found := map[string]float64{}
	for lines := bufio.NewScanner(res.Body); lines.Scan(); {
		name, value, _ := strings.Cut(lines.Text(), " ")
		if n, err := strconv.ParseFloat(value, 64); err == nil {
			found[name] = n
		}
	}
	return found
}

// quarter returns the median of what the samples of a quarter say, 0 to 3.
func (w *watch) quarter(n int, of func(sample) float64) float64 {
	part := w.samples[n*len(w.samples)/4 : max((n+1)*len(w.samples)/4, n*len(w.samples)/4+1)]
	values := make([]float64, len(part))
	for i, s := range part {
		values[i] = of(s)
	}
	slices.Sort(values)
	return values[len(values)/2]
}

// watched are the things that are compared between the second quarter, when caches have filled, and the last.
var watched = []struct {
	name         string
	of           func(sample) float64
	share, space float64 // it may grow by this part and by this much
}{
	{"memory, MiB", func(s sample) float64 { return s.memory / (1 << 20) }, 0.2, 24},
	{"open files", func(s sample) float64 { return s.files }, 0.1, 16},
	{"goroutines", func(s sample) float64 { return s.goroutines }, 0.1, 16},
	{"files in the data folder", func(s sample) float64 { return s.inFolder }, 0, 1},
}

// bytesPerChange is what the database may keep of a revocation, of a user who came and went, of a failure: rows that expire.
const bytesPerChange = 4 << 10

// report prints each quarter.
func (w *watch) report(t *testing.T) {
	t.Helper()
	for _, kind := range watched {
		t.Logf("%s: %.0f %.0f %.0f %.0f", kind.name, w.quarter(0, kind.of), w.quarter(1, kind.of), w.quarter(2, kind.of), w.quarter(3, kind.of))
	}
	last := w.samples[len(w.samples)-1]
	t.Logf("%d operations, database %.1f MiB, %.0f bytes per change that leaves rows", last.done, last.database/(1<<20), w.perChange())
	if last.done == 0 || last.memory == 0 || last.files == 0 || last.goroutines == 0 || last.database == 0 {
		t.Errorf("something was not measured: %+v", last)
	}
}

// perChange is how much the database has grown since the second quarter began, by change.
func (w *watch) perChange() float64 {
	first, last := w.samples[len(w.samples)/4], w.samples[len(w.samples)-1]
	return (last.database - first.database) / float64(max(last.changes-first.changes, 1))
}

// judge fails on growth.
func (w *watch) judge(t *testing.T) {
	t.Helper()
	for _, kind := range watched {
		before, after := w.quarter(1, kind.of), w.quarter(3, kind.of)
		if after > before*(1+kind.share)+kind.space {
			t.Errorf("%s grows from %.0f to %.0f", kind.name, before, after)
		}
	}
	if grown := w.perChange(); grown > bytesPerChange {
		t.Errorf("the database grows by %.0f bytes for each change that leaves rows", grown)
	}
}
