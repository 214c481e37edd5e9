package store_test

import (
	"path/filepath"
	"testing"

	"github.com/cenote-id/cenote/internal/cenotetest/pgtest"
	"github.com/cenote-id/cenote/internal/store/storetest"
)

func TestRowsOnSQLite(t *testing.T) {
	t.Parallel()
	storetest.Rows(t, func(t *testing.T) string { return filepath.Join(t.TempDir(), "cenote.db") })
}

func TestRowsOnPostgres(t *testing.T) {
	t.Parallel()
	storetest.Rows(t, func(t *testing.T) string { return pgtest.Start(t) })
}
