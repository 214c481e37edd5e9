package cenotetest

import (
	"net"
	"runtime"
	"strconv"
	"syscall"
	"testing"
)

// FreeAddress returns an address of loopback on which nobody listens, and on which nobody who asks for any free port will: a server may be
// told to listen there, to stop, and to listen there again. It is given back when the test has ended.
//
// A socket that is bound, and not listening, holds it. On Linux it lets those pass who ask for this very port with SO_REUSEADDR, as Go and
// most servers do. Elsewhere nothing holds it, and somebody else may be quicker.
func FreeAddress(t testing.TB) string {
	t.Helper()
	if runtime.GOOS != "linux" {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		fatal(t, err)
		fatal(t, l.Close())
		return l.Addr().String()
	}
	syscall.ForkLock.RLock()
	socket, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
	if err == nil {
		syscall.CloseOnExec(socket)
	}
	syscall.ForkLock.RUnlock()
	fatal(t, err)
	t.Cleanup(func() { _ = syscall.Close(socket) })
	fatal(t, syscall.SetsockoptInt(socket, syscall.SOL_SOCKET, syscall.SO_REUSEADDR, 1))
	fatal(t, syscall.Bind(socket, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}))
	at, err := syscall.Getsockname(socket)
	fatal(t, err)
	return net.JoinHostPort("127.0.0.1", strconv.Itoa(at.(*syscall.SockaddrInet4).Port))
}
