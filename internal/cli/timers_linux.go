package cli

import (
	"os"
	"runtime"
	"syscall"
	"time"
)

const (
	kernelSlack = 50 * time.Microsecond // what a process has that nobody set it for
	serverSlack = time.Millisecond
)

// coarsenTimers lets the kernel end sleeps of this process up to a millisecond late, so that it can wake once for several. While a
// request is under way, the monitor thread of Go's runtime asks for a sleep of 20 µs after another, and so costs a sign-in 5 % and a read 20 %.
// A thread's slack is changed by itself alone and inherited by those it starts, but the runtime starts the monitor before any code of ours: so
// the program sets it and starts itself anew, in the same process. A slack that somebody has chosen stays. Where any of this fails, nothing is lost
// but the saving.
func coarsenTimers() {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	slack, _, errno := syscall.RawSyscall(syscall.SYS_PRCTL, syscall.PR_GET_TIMERSLACK, 0, 0)
	if errno != 0 || time.Duration(slack) != kernelSlack {
		return
	}
	program, err := os.Executable()
	if err != nil {
		return
	}
	if _, _, errno := syscall.RawSyscall(syscall.SYS_PRCTL, syscall.PR_SET_TIMERSLACK, uintptr(serverSlack), 0); errno != 0 {
		return
	}
	_ = syscall.Exec(program, os.Args, os.Environ())
}
