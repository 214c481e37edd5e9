package upgrade

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/cenote-id/cenote/internal/cenotetest"
	"github.com/cenote-id/cenote/internal/cenotetest/pgtest"
)

// The files of a fixture.
const (
	factsFile    = "facts.json"
	keyFile      = "master.key"
	sqliteFile   = "cenote.db.gz"
	postgresFile = "postgres.sql.gz" // of pg_dump, with rows as inserts
)

// fixture is a database that an earlier version has left behind.
type fixture struct {
	kind   string // "sqlite" or "postgres"
	folder string
	open   func(t *testing.T, folder, data string) (database string)
}

// restore puts the database into a data folder, or into a new one of PostgreSQL whose URL it returns.
func (f fixture) restore(t *testing.T, data string) (database string) {
	t.Helper()
	return f.open(t, f.folder, data)
}

// eachFixture runs a test with each of them.
func eachFixture(t *testing.T, run func(t *testing.T, past fixture)) {
	t.Helper()
	for kind, open := range map[string]func(t *testing.T, folder, data string) (database string){"sqlite": openSQLite, "postgres": openPostgres} {
		folders, err := filepath.Glob("testdata/*/" + kind)
		if err != nil || len(folders) == 0 {
			t.Fatalf("fixtures: %v, %v", folders, err)
		}
		for _, folder := range folders {
			t.Run(folder, func(t *testing.T) {
				t.Parallel()
				run(t, fixture{kind, folder, open})
			})
		}
	}
}

// TestDatabasesOfTheFixturesAreMigratedAndUsed starts this version on each database that an earlier one has left behind.
func TestDatabasesOfTheFixturesAreMigratedAndUsed(t *testing.T) {
	t.Parallel()
	if *write {
		writeFixture(t)
	}
	eachFixture(t, func(t *testing.T, past fixture) {
		var f facts
		text, err := os.ReadFile(filepath.Join(past.folder, factsFile))
		must(t, err)
		must(t, json.Unmarshal(text, &f))
		data := t.TempDir()
		key, err := os.ReadFile(filepath.Join(past.folder, keyFile))
		must(t, err)
		must(t, os.WriteFile(filepath.Join(data, keyFile), key, 0o600))
		server := cenotetest.StartBinary(t, cenotetest.BinaryOptions{Database: past.restore(t, data), DataDir: data})
		f.check(t, server.SDK())
		if code := server.Stop(t); code != 0 {
			t.Errorf("the server exits with %d", code)
		}
		server.Start(t)
		wantTold(t, "after a restart", f.refresh(t, server.SDK(), "ann", f.Refresh), "")
	})
}

func openSQLite(t *testing.T, folder, data string) string {
	t.Helper()
	must(t, os.WriteFile(filepath.Join(data, "cenote.db"), unpacked(t, filepath.Join(folder, sqliteFile)), 0o600))
	return ""
}

func openPostgres(t *testing.T, folder, _ string) string {
	t.Helper()
	dump := unpacked(t, filepath.Join(folder, postgresFile))
	database := pgtest.Start(t)
	pgtest.Exec(t, database, string(dump))
	return database
}

// writeFixture has the version before make databases and keeps them.
func writeFixture(t *testing.T) {
	t.Helper()
	program := previous(t)
	name, err := previousCommit()
	must(t, err)
	if len(name) > 12 {
		name = name[:12]
	}
	for _, kind := range []string{"sqlite", "postgres"} {
		folder := filepath.Join("testdata", name, kind)
		must(t, os.MkdirAll(folder, 0o755))
		database := ""
		if kind == "postgres" {
			database = pgtest.Start(t)
		}
		server := cenotetest.StartBinary(t, cenotetest.BinaryOptions{Program: program, Database: database})
		text, err := json.MarshalIndent(remember(t, server.SDK()), "", "  ")
		must(t, err)
		must(t, os.WriteFile(filepath.Join(folder, factsFile), append(text, '\n'), 0o644))
		if code := server.Stop(t); code != 0 {
			t.Fatalf("the server exits with %d", code)
		}
		key, err := os.ReadFile(filepath.Join(server.DataDir, keyFile))
		must(t, err)
		must(t, os.WriteFile(filepath.Join(folder, keyFile), key, 0o644))
		if kind == "postgres" {
			pack(t, filepath.Join(folder, postgresFile), dumpOf(t, database))
			continue
		}
		backup := filepath.Join(t.TempDir(), "backup")
		if said, err := exec.CommandContext(t.Context(), program, "backup", "--data-dir", server.DataDir, "--to", backup).CombinedOutput(); err != nil {
			t.Fatalf("%v %s", err, said)
		}
		content, err := os.ReadFile(backup)
		must(t, err)
		pack(t, filepath.Join(folder, sqliteFile), content)
	}
}

// psqlOnly are lines that psql reads itself.
var psqlOnly = regexp.MustCompile(`(?m)^\\.*\n`)

func dumpOf(t *testing.T, database string) []byte {
	t.Helper()
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/pg_dump")
	if err != nil || len(found) == 0 {
		t.Fatalf("pg_dump: %v %v", found, err)
	}
	dump, err := exec.CommandContext(t.Context(), found[len(found)-1], "--inserts", "--no-owner", "--no-privileges", database).Output()
	must(t, err)
	return psqlOnly.ReplaceAll(dump, nil)
}

func pack(t *testing.T, name string, content []byte) {
	t.Helper()
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	must(t, err)
	_, err = w.Write(content)
	must(t, err)
	must(t, w.Close())
	must(t, os.WriteFile(name, b.Bytes(), 0o644))
}

func unpacked(t *testing.T, name string) []byte {
	t.Helper()
	f, err := os.Open(name)
	must(t, err)
	defer f.Close()
	r, err := gzip.NewReader(f)
	must(t, err)
	content, err := io.ReadAll(r)
	must(t, err)
	return content
}
