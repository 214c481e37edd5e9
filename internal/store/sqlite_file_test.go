package store

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestSQLiteRefusesChangesToAFileThatWasTakenAway(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "cenote.db")
	s := openTest(t, Options{Database: path})
	for _, c := range []struct {
		name string
		harm func() error
	}{
		{"removed", func() error { return os.Rename(path, path+".away") }},
		{"replaced", func() error { return os.WriteFile(path, nil, 0o600) }},
	} {
		if err := c.harm(); err != nil {
			t.Fatal(err)
		}
		if err := s.Update(t.Context(), func(tx *Tx) error { return tx.SetMeta("a", "v") }); err == nil || !strings.Contains(err.Error(), "taken away") {
			t.Errorf("a change of a file that was %s: got %v, want an error that says so", c.name, err)
		}
		if err := s.Ping(t.Context()); err == nil {
			t.Errorf("a ping of a file that was %s is answered well", c.name)
		}
	}
	if err := os.Rename(path+".away", path); err != nil {
		t.Fatal(err)
	}
	if err := s.Update(t.Context(), func(tx *Tx) error { return tx.SetMeta("a", "v") }); err != nil {
		t.Errorf("after the file is back: %v", err)
	}
}
