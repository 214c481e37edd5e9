package store

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cenote-id/cenote/internal/cenotetest/pgtest"
)

// Durable commits of one small row each. On SQLite 32 writers share commits; commits/s is what a caller sees, syncs/s what the disk does.
// The throw-away PostgreSQL syncs its disk only with CENOTE_TEST_POSTGRES_FSYNC=1.
//
//	go test -run '^$' -bench Commits ./internal/store
func BenchmarkGroupedCommits(b *testing.B) {
	b.Run("SQLite", func(b *testing.B) { benchCommits(b, testFile(b), 32) })
	b.Run("PostgreSQL", func(b *testing.B) { benchCommits(b, pgtest.Start(b), 32) })
}

func BenchmarkSingleCommits(b *testing.B) {
	b.Run("SQLite", func(b *testing.B) { benchCommits(b, testFile(b), 1) })
	b.Run("PostgreSQL", func(b *testing.B) { benchCommits(b, pgtest.Start(b), 1) })
}

func benchCommits(b *testing.B, database string, writers int) {
	s := openTest(b, Options{Database: database, Now: time.Now})
	var next atomic.Int64
	var all sync.WaitGroup
	b.ReportAllocs()
	b.ResetTimer()
	for range writers {
		all.Go(func() {
			for {
				i := next.Add(1)
				if i > int64(b.N) {
					return
				}
				if err := s.Update(b.Context(), func(tx *Tx) error { return tx.SetMeta(fmt.Sprintf("bench.%d", i), "v") }); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "commits/s")
	b.ReportMetric(float64(s.Stats().Commits)/b.Elapsed().Seconds(), "syncs/s")
}

// One row by its key, among 10,000.
func BenchmarkView(b *testing.B) {
	run := func(b *testing.B, database string) {
		s := openTest(b, Options{Database: database, Now: time.Now})
		err := s.Update(b.Context(), func(tx *Tx) error {
			for i := range 10_000 {
				if err := tx.SetMeta(fmt.Sprintf("bench.%d", i), "v"); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			err := s.View(b.Context(), func(tx *Tx) error {
				_, _, err := tx.Meta(fmt.Sprintf("bench.%d", i%10_000))
				return err
			})
			if err != nil {
				b.Fatal(err)
			}
		}
	}
	b.Run("SQLite", func(b *testing.B) { run(b, testFile(b)) })
	b.Run("PostgreSQL", func(b *testing.B) { run(b, pgtest.Start(b)) })
}

// Opening a database whose schema is up to date: part of every start.
func BenchmarkOpen(b *testing.B) {
	run := func(b *testing.B, database string) {
		openTest(b, Options{Database: database, Now: time.Now})
		for b.Loop() {
			s, err := Open(b.Context(), Options{Database: database, Now: time.Now})
			if err != nil {
				b.Fatal(err)
			}
			if err := s.Close(); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.Run("SQLite", func(b *testing.B) { run(b, testFile(b)) })
	b.Run("PostgreSQL", func(b *testing.B) { run(b, pgtest.Start(b)) })
}
