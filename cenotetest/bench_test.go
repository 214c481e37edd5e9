package cenotetest_test

import (
	"testing"

	"github.com/cenote-id/cenote/cenotetest"
)

// BenchmarkStart is what a test pays for a server of its own, BenchmarkFork what it pays for a copy of a prepared pool.
func BenchmarkStart(b *testing.B) {
	cenotetest.Start(b) // the first one prepares what the others begin with
	for b.Loop() {
		cenotetest.Start(b)
	}
}

func BenchmarkFork(b *testing.B) {
	srv := cenotetest.Start(b)
	for b.Loop() {
		srv.Fork(b, "")
	}
}
