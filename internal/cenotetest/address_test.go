package cenotetest_test

import (
	"errors"
	"net"
	"runtime"
	"syscall"
	"testing"

	"github.com/cenote-id/cenote/internal/cenotetest"
)

func TestAFreeAddressStaysFree(t *testing.T) {
	t.Parallel()
	address := cenotetest.FreeAddress(t)
	if other := cenotetest.FreeAddress(t); other == address {
		t.Fatalf("two tests get %s", address)
	}
	for range 2 { // a server that is started again
		if c, err := net.Dial("tcp", address); err == nil {
			_ = c.Close()
			t.Errorf("somebody listens on %s", address)
		}
		l, err := net.Listen("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if runtime.GOOS != "linux" {
		t.Skip("nothing holds it here")
	}
	strict := net.ListenConfig{Control: func(_, _ string, c syscall.RawConn) (err error) { // as the kernel is when it looks for a free port
		failed := c.Control(func(socket uintptr) {
			err = syscall.SetsockoptInt(int(socket), syscall.SOL_SOCKET, syscall.SO_REUSEADDR, 0)
		})
		return errors.Join(failed, err)
	}}
	if l, err := strict.Listen(t.Context(), "tcp", address); err == nil {
		_ = l.Close()
		t.Errorf("nobody holds %s", address)
	}
}
