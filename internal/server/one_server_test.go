package server_test

import (
	"bytes"
	"context"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/cenote-id/cenote/internal/cenotetest"
	"github.com/cenote-id/cenote/internal/operate"
)

// startSecond runs a server on the data folder.
func startSecond(t *testing.T, command, dir string) (cmd *exec.Cmd, said *cenotetest.Output) {
	t.Helper()
	said = &cenotetest.Output{}
	cmd = exec.CommandContext(t.Context(), cenotetest.Binary(t), command, "--listen", "127.0.0.1:0", "--data-dir", dir, "--log-format", "json")
	cmd.Dir, cmd.Stderr = t.TempDir(), said
	must(t, cmd.Start())
	return cmd, said
}

func TestASecondServerOnAnEmbeddedDatabaseIsRefused(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("builds the command")
	}
	first := cenotetest.StartBinary(t, cenotetest.BinaryOptions{})
	linked := filepath.Join(t.TempDir(), "data")
	must(t, os.Symlink(first.DataDir, linked))
	t.Run("while it runs", func(t *testing.T) {
		for _, tc := range []struct{ name, command, dir string }{
			{"serve", "serve", first.DataDir}, {"serve by another path", "serve", linked}, {"dev", "dev", first.DataDir},
		} {
			t.Run(tc.name, func(t *testing.T) {
				t.Parallel()
				cmd, said := startSecond(t, tc.command, tc.dir)
				_ = cmd.Wait() // its code is looked at
				lines := strings.Split(strings.TrimSpace(said.String()), "\n")
				want := "cenote: error: --data-dir: another cenote server uses the database " + filepath.Join(tc.dir, "cenote.db") + ": stop it first, or "
				if code := cmd.ProcessState.ExitCode(); code != 1 || len(lines) != 2 || !strings.HasPrefix(lines[1], want) {
					t.Errorf("it exits with %d and says:\n%s", code, said)
				}
			})
		}
	})
	first.Kill()
	first.Start(t) // and the lock has gone with the process
	if log := first.Log(); strings.Contains(log, "another server") {
		t.Errorf("the lock outlives kill -9:\n%s", log)
	}
	cmd, said := startSecond(t, "serve", first.DataDir)
	cenotetest.Eventually(t, "the second server waits", func() bool { return strings.Contains(said.String(), "waiting for it to end") })
	must(t, cmd.Process.Signal(syscall.SIGTERM))
	_ = cmd.Wait() // its code is looked at
	if code := cmd.ProcessState.ExitCode(); code != 0 || !strings.HasSuffix(said.String(), `"msg":"stopped during the start","cause":"interrupted"}`+"\n") {
		t.Errorf("a server that is stopped while it waits exits with %d and says:\n%s", code, said)
	}
}

func TestAServerWaitsForTheOneBeforeItToEnd(t *testing.T) {
	t.Parallel()
	first := cenotetest.Start(t, cenotetest.Options{Serve: true})
	said := &cenotetest.Output{}
	started := make(chan *operate.Data, 1)
	go func() {
		d, err := operate.OpenData(context.WithoutCancel(t.Context()), cenotetest.Settings(t, "data-dir="+first.DataDir),
			operate.DataOptions{Log: slog.New(slog.NewTextHandler(said, nil)), Serves: true})
		if err != nil {
			t.Error(err)
		}
		started <- d
	}()
	cenotetest.Eventually(t, "the second server waits", func() bool { return strings.Contains(said.String(), "waiting for it to end") })
	first.Stop(t)
	if d := <-started; d != nil {
		must(t, d.Close())
	}
}

func TestCommandsWorkBesideAServer(t *testing.T) {
	t.Parallel()
	first := cenotetest.Start(t, cenotetest.Options{Serve: true})
	c := cenotetest.Settings(t, "data-dir="+first.DataDir)
	d, err := operate.OpenExisting(t.Context(), c, quiet)
	must(t, err)
	_, err = d.CreateKey(t.Context(), operate.KeyRequest{Name: "ci"})
	must(t, err)
	must(t, d.Close())
	d, err = operate.OpenData(t.Context(), c, quiet) // cenote migrate
	must(t, err)
	must(t, d.Close())
	_, err = operate.BackUp(t.Context(), c, filepath.Join(t.TempDir(), "copy.db"), false, quiet, func(float64) {})
	must(t, err)
}

func TestWhereADatabaseCannotBeLockedAServerStartsAllTheSame(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	must(t, os.Mkdir(filepath.Join(dir, "cenote.db.lock"), 0o700)) // in its place
	var log bytes.Buffer
	d, err := operate.OpenData(t.Context(), cenotetest.Settings(t, "data-dir="+dir), operate.DataOptions{Log: slog.New(slog.NewTextHandler(&log, nil)), Serves: true})
	must(t, err)
	must(t, d.Close())
	if got := strings.Count(log.String(), "the database cannot be locked"); got != 1 {
		t.Errorf("the log tells it %d times: %s", got, &log)
	}
}
