//go:build unix

package client_test

import (
	"errors"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/cenote-id/cenote/client"
)

// Opening a pipe would wait for somebody who writes to it.
func TestAPipeIsNoSessionFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "pipe")
	must(t, syscall.Mkfifo(path, 0o600))
	if _, err := client.NewFileStorage(path); !errors.Is(err, client.ErrForeignFile) {
		t.Errorf("got %v", err)
	}
}
