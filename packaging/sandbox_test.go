package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/cenote-id/cenote/internal/cenotetest"
)

// requirePackages is the variable that makes a missing tool or right fail a test instead of skipping it.
const requirePackages = "CENOTE_TEST_REQUIRE_PACKAGES"

func skip(t *testing.T, why string) {
	t.Helper()
	if os.Getenv(requirePackages) == "1" {
		t.Fatal(why)
	}
	t.Skip(why)
}

// sandbox is a mount namespace of its own with a file system to install into; the machine's stays as it is.
type sandbox struct {
	root string // of the file system, seen from within the namespace
	pid  int    // of the process that keeps the namespace
}

// newSandbox runs mounts, a shell script with the folder as $1, in a new mount namespace, which ends with the test process. The script makes
// $1/root.
func newSandbox(t *testing.T, mounts string) *sandbox {
	t.Helper()
	if os.Getuid() != 0 {
		skip(t, "only root can make a file system to install into")
	}
	dir, err := os.MkdirTemp("/var/tmp", "cenote-sandbox-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) }) // the mounts are another namespace's
	cmd := exec.CommandContext(t.Context(), "unshare", "--mount", "--propagation", "private", "sh", "-ec", mounts+"\necho ready\nread -r _ || :", "sh", dir)
	life, err := cmd.StdinPipe()
	must(t, err)
	out, err := cmd.StdoutPipe()
	must(t, err)
	cmd.Stderr = os.Stderr
	must(t, cmd.Start())
	if line, _ := bufio.NewReader(out).ReadString('\n'); line != "ready\n" {
		skip(t, "this machine allows no mounts")
	}
	t.Cleanup(func() { _ = life.Close(); _ = cmd.Wait() })
	return &sandbox{root: filepath.Join(dir, "root"), pid: cmd.Process.Pid}
}

// command is a program run in the namespace, as seen from the machine's root folder.
func (s *sandbox) command(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	return exec.CommandContext(t.Context(), "nsenter", append([]string{fmt.Sprintf("--mount=/proc/%d/ns/mnt", s.pid), "--"}, args...)...)
}

// run runs a program in the file system and returns what it printed.
func (s *sandbox) run(t *testing.T, args ...string) string {
	t.Helper()
	said, err := s.try(t, args...)
	if err != nil {
		t.Fatalf("%s: %v\n%s", strings.Join(args, " "), err, said)
	}
	return said
}

func (s *sandbox) try(t *testing.T, args ...string) (string, error) {
	t.Helper()
	said, err := s.command(t, append([]string{"chroot", s.root}, args...)...).CombinedOutput()
	return strings.TrimSpace(string(said)), err
}

// service is how a server is to be run.
type service struct {
	user      string // numbers, user:group
	directory string
	env       []string
	command   []string
	writable  string // the only folder that is
}

// start starts a server in the file system, which is read-only to it but for one folder, with no capability, as another user. The server ends
// with the test or when stop is called, which returns its log.
func (s *sandbox) start(t *testing.T, v service) (stop func() string) {
	t.Helper()
	const script = `root=$1 writable=$2 uid=$3 gid=$4 directory=$5; shift 5
mount --bind "$root$writable" "$root$writable"
mount -o remount,bind,ro "$root"
umask 0077
exec setpriv --no-new-privs --inh-caps=-all --clear-groups unshare --root="$root" --wd="$directory" --setgid="$gid" --setuid="$uid" "$@"`
	uid, gid, _ := strings.Cut(v.user, ":")
	args := append([]string{"unshare", "--mount", "sh", "-ec", script, "sh", s.root, v.writable, uid, gid, v.directory}, v.command...)
	cmd := s.command(t, args...)
	cmd.Env = append(v.env, "PATH=/usr/sbin:/usr/bin:/sbin:/bin")
	var log strings.Builder
	cmd.Stderr, cmd.Stdout = &log, io.Discard
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	must(t, cmd.Start())
	stopped := false
	stop = func() string {
		if stopped {
			return log.String()
		}
		stopped = true
		_ = cmd.Process.Signal(syscall.SIGTERM)
		if err := cmd.Wait(); err != nil {
			t.Errorf("the server ends with %v\n%s", err, log.String())
		}
		return log.String()
	}
	t.Cleanup(func() { stop() })
	return stop
}

// await runs a command in the file system until it succeeds.
func (s *sandbox) await(t *testing.T, stop func() string, args ...string) {
	t.Helper()
	awaitCommand(t, stop, func() ([]byte, error) {
		said, err := s.try(t, args...)
		return []byte(said), err
	})
}

// awaitCommand tries a command until it succeeds.
func awaitCommand(t *testing.T, stop func() string, try func() ([]byte, error)) {
	t.Helper()
	var said []byte
	var err error
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if said, err = try(); err == nil {
			return
		}
	}
	t.Fatalf("the server does not answer: %v: %s\n%s", err, said, stop())
}

// freePort returns a port of loopback that nobody listens on.
func freePort(t *testing.T) string {
	t.Helper()
	_, port, err := net.SplitHostPort(cenotetest.FreeAddress(t))
	must(t, err)
	return port
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
