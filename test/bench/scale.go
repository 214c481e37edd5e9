package bench

import (
	"bytes"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"testing"
)

// scale skips a benchmark that takes long, unless it is asked for (make scale).
func scale(tb testing.TB) {
	tb.Helper()
	if os.Getenv("CENOTE_SCALE") == "" {
		tb.Skip("make scale runs it")
	}
}

// peakMemory returns the most memory that the process has had resident since it was last asked, in bytes.
func peakMemory(tb testing.TB, pid int) int64 {
	tb.Helper()
	if pid == os.Getpid() {
		runtime.GC()
	}
	dir := fmt.Sprintf("/proc/%d/", pid)
	status, err := os.ReadFile(dir + "status")
	if err != nil {
		tb.Skip("needs Linux: ", err)
	}
	_, peak, _ := bytes.Cut(status, []byte("VmHWM:"))
	peak, _, _ = bytes.Cut(peak, []byte("kB"))
	kib, err := strconv.ParseInt(string(bytes.TrimSpace(peak)), 10, 64)
	if err != nil {
		tb.Fatal(err)
	}
	// 5 sets the peak to the present (proc_pid_clear_refs(5)).
	if err := os.WriteFile(dir+"clear_refs", []byte("5"), 0); err != nil {
		tb.Fatal(err)
	}
	return kib << 10
}
