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
	for kind, open := range map[string]func(t *testing.T, folder, data string) (database string){"sqlite": openSQLite, "postgres": openPostgres} {
		folders, err := filepath.Glob("testdata/*/" + kind)
		if err != nil || len(folders) == 0 {
			t.Fatalf("fixtures: %v, %v", folders, err)
		}
		for _, folder := range folders {
			t.Run(folder, func(t *testing.T) {
				t.Parallel()
				data := t.TempDir()
				key, err := os.ReadFile(filepath.Join(folder, keyFile))
				must(t, err)
				must(t, os.WriteFile(filepath.Join(data, keyFile), key, 0o600))
				settings := []string{"--data-dir", data}
				if database := open(t, folder, data); database != "" {
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
				if kind == "sqlite" {
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
	}
}
