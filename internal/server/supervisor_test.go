//go:build unix

package server_test

import (
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/cenote-id/cenote/internal/cenotetest"
	"github.com/cenote-id/cenote/internal/server"
)

// TestTheSupervisorIsToldHowFarTheServerIs stands in for systemd.
func TestTheSupervisorIsToldHowFarTheServerIs(t *testing.T) {
	t.Parallel()
	at := &net.UnixAddr{Name: filepath.Join(t.TempDir(), "notify"), Net: "unixgram"}
	supervisor, err := net.ListenUnixgram("unixgram", at)
	must(t, err)
	defer supervisor.Close()
	told := func() string {
		t.Helper()
		must(t, supervisor.SetReadDeadline(time.Now().Add(30*time.Second)))
		said := make([]byte, 1024)
		n, err := supervisor.Read(said)
		must(t, err)
		return string(said[:n])
	}
	s, stop := run(t, server.Options{
		Config: cenotetest.Settings(t, "shutdown-delay=0s"), KeysOnDemand: true, Environ: []string{"NOTIFY_SOCKET=elsewhere", "NOTIFY_SOCKET=" + at.Name},
	})
	if got, want := told(), "READY=1\nSTATUS=serving "+s.URL; got != want {
		t.Errorf("it is told %q, want %q", got, want)
	}
	if got := readiness(t, s.URL); got != http.StatusOK {
		t.Errorf("/readyz answers %d when the supervisor was told", got)
	}
	must(t, stop())
	if got, want := told(), "STOPPING=1\nSTATUS=stopping"; got != want {
		t.Errorf("it is told %q, want %q", got, want)
	}
}

func TestASupervisorThatIsGoneIsNoReasonNotToServe(t *testing.T) {
	t.Parallel()
	var log cenotetest.Output
	s, stop := run(t, server.Options{
		Config: cenotetest.Settings(t, "shutdown-delay=0s"), KeysOnDemand: true, Log: slog.New(slog.NewTextHandler(&log, nil)),
		Environ: []string{"NOTIFY_SOCKET=" + filepath.Join(t.TempDir(), "nobody")},
	})
	within(t, 10*time.Second, "the server answers", func() bool { return readiness(t, s.URL) == http.StatusOK })
	must(t, stop())
	if !strings.Contains(log.String(), "could not notify the supervisor") {
		t.Errorf("the log is %s", log.String())
	}
}
