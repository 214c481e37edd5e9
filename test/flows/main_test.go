package flows

import (
	"flag"
	"os"
	"testing"

	"github.com/cenote-id/cenote/internal/cenotetest"
)

// TestMain runs every flow twice: on SQLite, and on PostgreSQL.
func TestMain(m *testing.M) {
	// How many random sequences are played; -rapid.checks plays more.
	for name, value := range map[string]string{"rapid.checks": "5", "rapid.nofailfile": "true"} {
		if err := flag.Set(name, value); err != nil { // before the command line is read, which may say otherwise
			panic(err)
		}
	}
	code := m.Run()
	if err := os.Setenv(cenotetest.EnvDatabase, "postgres"); err != nil {
		panic(err)
	}
	os.Exit(max(code, m.Run()))
}
