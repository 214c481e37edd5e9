package cli_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/cenote-id/cenote/internal/cli"
)

func TestTheFirstKeyStaysOutOfTheJournal(t *testing.T) {
	t.Parallel()
	for name, inJournal := range map[string]bool{"a service": true, "a program that a service started, with another output": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			out, err := os.Create(filepath.Join(t.TempDir(), "out"))
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = out.Close() }()
			info, err := out.Stat()
			if err != nil {
				t.Fatal(err)
			}
			stat := info.Sys().(*syscall.Stat_t)
			stream := fmt.Sprintf("%d:%d", stat.Dev, stat.Ino)
			if !inJournal {
				stream += "1"
			}
			log, stop := backgroundIn(t, cli.System{Out: out, Env: []string{"JOURNAL_STREAM=" + stream}}, "serve", "--data-dir", dir)
			stop()
			printed, err := os.ReadFile(out.Name())
			if err != nil {
				t.Fatal(err)
			}
			file := filepath.Join(dir, "first-access-key")
			kept, err := os.ReadFile(file)
			if !inJournal {
				if !os.IsNotExist(err) || keyLines.Find(printed) == nil {
					t.Fatalf("printed %q; reading %s: %v", printed, file, err)
				}
				return
			}
			parts := keyLines.FindStringSubmatch(string(kept))
			if parts == nil || len(printed) > 0 || strings.Contains(log.String(), parts[2]) || !strings.Contains(log.String(), file) {
				t.Fatalf("printed %q, the file holds %q (%v), log:\n%s", printed, kept, err, log)
			}
			if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("the file has %v, %v", info.Mode(), err)
			}
		})
	}
}
