package cli_test

import (
	"fmt"
	"os"
	"runtime"
	"syscall"
	"testing"

	"github.com/cenote-id/cenote/internal/cenotetest"
)

// TestTimersOfServers starts servers from a thread with some timer slack, which they inherit as from a service manager.
func TestTimersOfServers(t *testing.T) {
	for _, c := range []struct {
		name         string
		given, wants int // ns
	}{
		{"the kernel's", 50_000, 1_000_000},
		{"chosen by an operator", 60_000, 60_000},
	} {
		t.Run(c.name, func(t *testing.T) {
			runtime.LockOSThread() // for good: the thread ends with the test
			if _, _, errno := syscall.RawSyscall(syscall.SYS_PRCTL, syscall.PR_SET_TIMERSLACK, uintptr(c.given), 0); errno != 0 {
				t.Skip("no timer slack here:", errno)
			}
			server := cenotetest.StartBinary(t, cenotetest.BinaryOptions{})
			path := fmt.Sprintf("/proc/%d/timerslack_ns", server.PID())
			slack, err := os.ReadFile(path)
			if err != nil {
				t.Skip("only /proc tells the timer slack of another process:", err)
			}
			if got, want := string(slack), fmt.Sprintln(c.wants); got != want {
				t.Errorf("%s: %q, want %q", path, got, want)
			}
		})
	}
}
