package server_test

import (
	"log/slog"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cenote-id/cenote/internal/cenotetest"
	"github.com/cenote-id/cenote/internal/server"
)

func TestAListOfPasswordsThatIsNoneStopsTheStart(t *testing.T) {
	t.Parallel()
	missing := filepath.Join(t.TempDir(), "missing.txt")
	_, err := server.New(t.Context(), server.Options{Config: cenotetest.Settings(t, "breached-passwords="+missing), Log: slog.New(slog.DiscardHandler)})
	if err == nil || !strings.HasPrefix(err.Error(), "--breached-passwords: ") || strings.Contains(err.Error(), "\n") {
		t.Errorf("got %v, want one line that names the setting", err)
	}
}
