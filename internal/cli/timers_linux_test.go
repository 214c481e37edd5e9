package cli_test

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

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

// TestAServerThatStartsAnewTellsItsSupervisor checks that the main process of a service says that it is ready: systemd hears nobody else.
func TestAServerThatStartsAnewTellsItsSupervisor(t *testing.T) {
	at := &net.UnixAddr{Name: filepath.Join(t.TempDir(), "notify"), Net: "unixgram"}
	supervisor, err := net.ListenUnixgram("unixgram", at)
	must(t, err)
	defer supervisor.Close()
	raw, err := supervisor.SyscallConn()
	must(t, err)
	must(t, raw.Control(func(fd uintptr) { err = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_PASSCRED, 1) }))
	must(t, err)
	server := cenotetest.StartBinary(t, cenotetest.BinaryOptions{Env: []string{"NOTIFY_SOCKET=" + at.Name}})
	must(t, supervisor.SetReadDeadline(time.Now().Add(30*time.Second)))
	said, by := make([]byte, 1024), make([]byte, 1024)
	n, m, _, _, err := supervisor.ReadMsgUnix(said, by)
	must(t, err)
	messages, err := syscall.ParseSocketControlMessage(by[:m])
	must(t, err)
	sender, err := syscall.ParseUnixCredentials(&messages[0])
	must(t, err)
	if got := string(said[:n]); !strings.HasPrefix(got, "READY=1\n") || int(sender.Pid) != server.PID() {
		t.Errorf("process %d says %q, want READY=1 of process %d", sender.Pid, got, server.PID())
	}
}
