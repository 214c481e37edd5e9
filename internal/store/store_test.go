package store_test

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/cenote-id/cenote/internal/cenotetest/pgtest"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/store/storetest"
)

// suites are run on every database.
var suites = map[string]func(*testing.T, storetest.Opener){
	"engine": storetest.Engine,
}

func TestSQLite(t *testing.T) {
	t.Parallel()
	runSuites(t, func(t *testing.T) *store.Store { return open(t, filepath.Join(t.TempDir(), "data", "cenote.db")) })
}

func TestPostgres(t *testing.T) {
	t.Parallel()
	runSuites(t, func(t *testing.T) *store.Store { return open(t, pgtest.Start(t)) })
}

func runSuites(t *testing.T, opener storetest.Opener) {
	for name, suite := range suites {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			suite(t, opener)
		})
	}
}

// open opens the database for the test.
func open(t testing.TB, database string) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), store.Options{Database: database, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close store: %v", err)
		}
	})
	return s
}
