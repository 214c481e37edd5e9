package operate_test

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/cenote-id/cenote/internal/cenotetest"
	"github.com/cenote-id/cenote/internal/operate"
)

func writeFile(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file")
	must(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

func TestTheMasterKeyComesFromACommand(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("the commands are for a POSIX shell")
	}
	dir := t.TempDir()
	vault := writeFile(t, oneKey+"\n")
	command := "cat '" + vault + "'"
	d, err := operate.OpenData(t.Context(), cenotetest.Settings(t, "data-dir="+dir, "master-key-command="+command), operate.DataOptions{Log: quiet})
	must(t, err)
	must(t, d.Close())
	if _, err := os.Stat(filepath.Join(dir, "master.key")); !os.IsNotExist(err) {
		t.Errorf("a key file was made beside the command: %v", err)
	}
	cenotetest.OpenData(t, cenotetest.Settings(t, "data-dir="+dir, "CENOTE_MASTER_KEY="+oneKey)) // the same key
	if got := masterFinding(t, cenotetest.Settings(t, "data-dir="+dir, "master-key-command="+command)); got != "printed by the command" {
		t.Errorf("doctor says %q", got)
	}

	for name, c := range map[string]struct{ command, want string }{
		"that prints another key": {"echo " + anotherKey, "the master key does not fit this database"},
		"that fails":              {"echo sealed >&2; exit 3", "the command failed: exit status 3: sealed"},
		"that prints nothing":     {":", "the output of the command: holds no key"},
		"that prints no key":      {"echo hush", "the output of the command: key 1 is not 32 bytes"},
		"that leaves a process":   {"sleep 3 & echo " + oneKey, "the command left a process behind that keeps its output open"},
		"that prints on and on":   {"head -c 100000 /dev/zero", "the command printed more than 65536 bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			settings := cenotetest.Settings(t, "data-dir="+dir, "master-key-command="+c.command)
			_, err := operate.OpenData(t.Context(), settings, operate.DataOptions{Log: quiet})
			if err == nil || !strings.HasPrefix(err.Error(), "--master-key-command: "+c.want) || strings.Contains(err.Error(), "hush") {
				t.Errorf("got error %v, want one that says %q", err, c.want)
			}
		})
	}
}
