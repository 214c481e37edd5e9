package cenotetest_test

import (
	"net/http"
	"os"
	"runtime"
	"testing"
	"time"

	"github.com/cenote-id/cenote/cenotetest"
)

// TestServersLeaveNothingBehind is not parallel, so that only its own servers are counted.
func TestServersLeaveNothingBehind(t *testing.T) {
	use := func() {
		t.Run("a test", func(t *testing.T) {
			srv := cenotetest.Start(t)
			signUp(t, srv, srv.ClientID)
			signIn(t, srv, srv.ClientID)
			srv.Fork(t, "")
			srv.Reset(t)
		})
		http.DefaultClient.CloseIdleConnections()
	}
	files := func() int {
		list, err := os.ReadDir("/proc/self/fd")
		if err != nil {
			return 0 // not on this system
		}
		return len(list)
	}
	use() // makes what all servers begin with
	goroutines, opened := runtime.NumGoroutine(), files()
	for range 10 {
		use()
	}
	for end := time.Now().Add(20 * time.Second); runtime.NumGoroutine() > goroutines+5 || files() > opened+5; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			stacks := make([]byte, 1<<20)
			t.Fatalf("ten servers left %d goroutines and %d open files behind:\n%s",
				runtime.NumGoroutine()-goroutines, files()-opened, stacks[:runtime.Stack(stacks, true)])
		}
	}
}
