//go:build linux

package cluster

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// fillDisk leaves a machine no room until the end of the fault.
func fillDisk(which role) func(t *testing.T, s *stack) func() {
	return func(t *testing.T, s *stack) func() {
		m := which(t, s)
		name := filepath.Join(m.folder, "ballast")
		f, err := os.Create(name)
		must(t, err)
		defer f.Close()
		for err == nil {
			_, err = f.Write(make([]byte, 1<<20))
		}
		if !errors.Is(err, syscall.ENOSPC) {
			t.Fatal(err)
		}
		return func() {
			must(t, os.Remove(name))
			s.db.back(t, m)
		}
	}
}

// slowness is added to every time that PostgreSQL waits for its disk.
const slowness = 200 * time.Millisecond

// slowDisk has PostgreSQL on a machine wait longer for its disk, until the end of the fault.
func slowDisk(which role) func(t *testing.T, s *stack) func() {
	return func(t *testing.T, s *stack) func() {
		m := which(t, s)
		args := []string{"-f", "-qq", "-o", "/dev/null", "-e", "trace=fsync,fdatasync", "-e", fmt.Sprintf("inject=fsync,fdatasync:delay_enter=%d", slowness.Microseconds())}
		for _, id := range m.processes(t, "postgres") {
			args = append(args, "-p", fmt.Sprint(id)) // and those that it starts from now on
		}
		slow := exec.Command("strace", args...)
		slow.Stderr = t.Output()
		must(t, slow.Start())
		return func() {
			must(t, slow.Process.Signal(syscall.SIGTERM)) // it lets go of what it traces
			_ = slow.Wait()
		}
	}
}
