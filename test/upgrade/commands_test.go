package upgrade

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cenote-id/cenote/internal/cli"
)

// TestOnlyServersAndMigrateMigrate has an operator of this version at the databases that earlier ones have left behind.
func TestOnlyServersAndMigrateMigrate(t *testing.T) {
	t.Parallel()
	eachFixture(t, func(t *testing.T, past fixture) {
		data := t.TempDir()
		key, err := os.ReadFile(filepath.Join(past.folder, keyFile))
		must(t, err)
		must(t, os.WriteFile(filepath.Join(data, keyFile), key, 0o600))
		settings := []string{"--data-dir", data}
		if database := past.restore(t, data); database != "" {
			settings = append(settings, "--database", database)
		}
		run := func(args ...string) (stdout, stderr string, code int) {
			var out, said bytes.Buffer
			code = cli.Run(t.Context(), append(args, settings...), cli.System{Out: &out, Err: &said})
			return out.String(), said.String(), code
		}
		for _, args := range [][]string{
			{"pool", "list"},
			{"key", "list"},
			{"audit"},
			{"key", "create", "--name", "ci"},
			{"key", "rotate-master"},
			{"pool", "rotate-keys", "us-east-1_AAAAAAAAA"},
			{"import-log", "import-x", "--pool", "us-east-1_AAAAAAAAA"},
			{"provider-log", "--pool", "us-east-1_AAAAAAAAA"},
		} {
			_, stderr, code := run(args...)
			if code != 1 || !strings.Contains(stderr, "cenote: 'cenote migrate' brings the database up to date") || !strings.Contains(stderr, "the database has schema ") {
				t.Errorf("%v exits with %d: %s", args, code, stderr)
			}
		}
		if found, _, _ := run("doctor"); !strings.Contains(found, "the next start migrates it from schema ") {
			t.Errorf("the database was migrated:\n%s", found)
		}
		if past.kind == "sqlite" {
			_, stderr, code := run("backup", "--to", filepath.Join(t.TempDir(), "backup.db"))
			if code != 0 || !strings.Contains(stderr, "warning: the backup is not in the audit log: ") {
				t.Errorf("a backup before the migration exits with %d: %s", code, stderr)
			}
		}
		if _, stderr, code := run("migrate"); code != 0 {
			t.Fatalf("migrate exits with %d: %s", code, stderr)
		}
		if list, stderr, code := run("pool", "list"); code != 0 || !strings.Contains(list, "us-east-1_") {
			t.Errorf("pool list exits with %d: %s%s", code, list, stderr)
		}
	})
}

// TestNothingMigratesUnderAnotherMasterKey has an operator give the databases of earlier versions the wrong key, or none.
func TestNothingMigratesUnderAnotherMasterKey(t *testing.T) {
	t.Parallel()
	const wrong, none = "the master key does not fit this database", "the master key of this database is missing"
	anotherKey := strings.Repeat("ab", 32) + "\n"
	eachFixture(t, func(t *testing.T, past fixture) {
		data := t.TempDir()
		key := filepath.Join(data, keyFile)
		settings := []string{"--data-dir", data}
		if database := past.restore(t, data); database != "" {
			settings = append(settings, "--database", database)
		}
		run := func(args ...string) (said string, code int) {
			var out bytes.Buffer
			code = cli.Run(t.Context(), append(args, settings...), cli.System{Out: &out, Err: &out})
			return out.String(), code
		}
		refused := func(want string) {
			t.Helper()
			for _, command := range []string{"migrate", "doctor"} {
				if said, code := run(command); code != 1 || !strings.Contains(said, want) {
					t.Errorf("%s exits with %d:\n%s", command, code, said)
				}
			}
		}
		refused(none)
		must(t, os.WriteFile(key, []byte(anotherKey), 0o600))
		refused(wrong)

		if past.kind == "sqlite" {
			restored, backup := t.TempDir(), filepath.Join(data, "cenote.db")
			must(t, os.WriteFile(filepath.Join(restored, keyFile), []byte(anotherKey), 0o600))
			var out bytes.Buffer
			code := cli.Run(t.Context(), []string{"restore", "--from", backup, "--data-dir", restored}, cli.System{Out: &out, Err: &out})
			if _, err := os.Stat(filepath.Join(restored, "cenote.db")); code != 1 || !strings.Contains(out.String(), wrong) || !os.IsNotExist(err) {
				t.Errorf("restore exits with %d and leaves %v: %s", code, err, out.String())
			}
		}

		right, err := os.ReadFile(filepath.Join(past.folder, keyFile))
		must(t, err)
		must(t, os.WriteFile(key, right, 0o600))
		if said, _ := run("doctor"); !strings.Contains(said, "the next start migrates it from schema ") {
			t.Errorf("the database was migrated:\n%s", said)
		}
	})
}
