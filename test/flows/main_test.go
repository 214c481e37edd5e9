package flows

import (
	"os"
	"testing"

	"github.com/cenote-id/cenote/internal/cenotetest"
)

// TestMain runs every flow twice: on SQLite, and on PostgreSQL.
func TestMain(m *testing.M) {
	code := m.Run()
	if err := os.Setenv(cenotetest.EnvDatabase, "postgres"); err != nil {
		panic(err)
	}
	os.Exit(max(code, m.Run()))
}
