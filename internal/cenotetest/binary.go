package cenotetest

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
)

// Binary builds the command, once for the whole test process, and returns its path.
func Binary(t testing.TB) string {
	t.Helper()
	b, err := build()
	if err != nil {
		t.Fatalf("build cenote: %v", err)
	}
	return b.path
}

type binary struct {
	path string
	life io.Closer // what the keeper listens to; kept, or the collector would close it
}

// keeper removes a folder when standard input closes, which it does when the test process ends, by whatever cause.
const keeper = `read -r _; rm -rf "$1"`

var build = sync.OnceValues(func() (*binary, error) {
	dir, err := os.MkdirTemp("", "cenotetest-")
	if err != nil {
		return nil, err
	}
	remove := exec.Command("/bin/sh", "-c", keeper, "sh", dir)
	remove.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // an interrupt at the terminal is for the test, the keeper follows it
	life, err := remove.StdinPipe()
	if err == nil {
		err = remove.Start()
	}
	if err != nil {
		return nil, err
	}
	b := &binary{path: filepath.Join(dir, "cenote"), life: life}
	cmd := exec.Command("go", "build", "-o", b.path, "github.com/cenote-id/cenote/cmd/cenote")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if said, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("%w: %s", err, said)
	}
	return b, nil
})
