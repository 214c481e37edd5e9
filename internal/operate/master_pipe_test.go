//go:build unix

package operate_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/cenote-id/cenote/internal/cenotetest"
	"github.com/cenote-id/cenote/internal/operate"
)

func TestAMasterKeyInAPipeIsReadOrGivenUp(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	silent, written := filepath.Join(dir, "silent"), filepath.Join(dir, "written")
	for _, pipe := range []string{silent, written} {
		must(t, syscall.Mkfifo(pipe, 0o600))
	}
	open := func(ctx context.Context, pipe string) error {
		settings := cenotetest.Settings(t, "data-dir="+dir, "master-key-file="+pipe)
		d, err := operate.OpenData(ctx, settings, operate.DataOptions{Log: quiet})
		if err != nil {
			return err
		}
		return d.Close()
	}

	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	err := open(ctx, silent)
	if want := "--master-key-file: waited for a key from " + silent + ", which is no regular file: "; err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("without a writer, the error is %v, want %s", err, want)
	}
	must(t, os.WriteFile(silent, nil, 0o600)) // ends the reader that was given up

	wrote := make(chan error, 1)
	go func() { wrote <- os.WriteFile(written, []byte(oneKey+"\n"), 0o600) }()
	must(t, open(t.Context(), written))
	must(t, <-wrote)
}
