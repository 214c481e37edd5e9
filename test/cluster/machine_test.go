//go:build linux

package cluster

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// machine is a network namespace with an address, and the processes that run in it.
type machine struct {
	name, address string
	device        string // of its own network
	keeper        int    // the process that keeps the namespace; 0 for the one of the test, where the clients and HAProxy are
	folder        string // of its disk, which nobody but user postgres may enter
	disk          int64  // bytes
}

const (
	bridge   = "br0"
	network  = "10.77.0."
	diskSize = 1 << 30
)

// here is the machine that the test itself is on.
func newNetwork(t *testing.T) (here *machine) {
	t.Helper()
	here = &machine{name: "here", address: network + "1", device: bridge}
	here.ip(t, "link", "add", bridge, "type", "bridge")
	here.ip(t, "addr", "add", here.address+"/24", "dev", bridge)
	here.ip(t, "link", "set", bridge, "up")
	t.Cleanup(func() { here.ip(t, "link", "del", bridge) })
	return here
}

// newMachine makes a machine on the network. It ends with the test.
func newMachine(t *testing.T, here *machine, name string, number int) *machine {
	t.Helper()
	m := &machine{name: name, address: network + strconv.Itoa(number), device: "eth0", folder: filepath.Join(shared, name), disk: diskSize}
	keeper := exec.Command("sleep", "infinity")
	keeper.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET}
	must(t, keeper.Start())
	m.keeper = keeper.Process.Pid
	outside := "to-" + name
	here.ip(t, "link", "add", outside, "type", "veth", "peer", "name", m.device, "netns", strconv.Itoa(m.keeper))
	here.ip(t, "link", "set", outside, "master", bridge, "up")
	m.ip(t, "addr", "add", m.address+"/24", "dev", m.device)
	m.ip(t, "link", "set", m.device, "up")
	m.ip(t, "link", "set", "lo", "up")

	uid, gid := postgres(t)
	must(t, os.MkdirAll(m.folder, 0o700))
	must(t, syscall.Mount("tmpfs", m.folder, "tmpfs", 0, fmt.Sprintf("size=%d,mode=700,uid=%d,gid=%d", m.disk, uid, gid)))
	t.Cleanup(func() {
		m.kill(t)
		_ = keeper.Process.Kill()
		_ = keeper.Wait()
		must(t, syscall.Unmount(m.folder, syscall.MNT_DETACH))
	})
	return m
}

// postgres is the user that everything runs as.
func postgres(t *testing.T) (uid, gid int) {
	t.Helper()
	u, err := user.Lookup("postgres")
	must(t, err)
	uid, err = strconv.Atoi(u.Uid)
	must(t, err)
	gid, err = strconv.Atoi(u.Gid)
	must(t, err)
	return uid, gid
}

// inside is the start of a command line that runs a program on the machine.
func (m *machine) inside() []string {
	if m.keeper == 0 {
		return nil
	}
	return []string{"nsenter", "--net=" + m.namespace(), "--"}
}

func (m *machine) namespace() string {
	if m.keeper == 0 {
		return "/proc/self/ns/net"
	}
	return fmt.Sprintf("/proc/%d/ns/net", m.keeper)
}

func (m *machine) ip(t *testing.T, args ...string) {
	t.Helper()
	must(t, m.tryIP(args...))
}

func (m *machine) tryIP(args ...string) error {
	line := append(append(m.inside(), "ip"), args...)
	if said, err := exec.Command(line[0], line[1:]...).CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %s: %w: %s", m.name, strings.Join(line, " "), err, said)
	}
	return nil
}

// start runs a program as user postgres. What it prints goes to <name>.log in the folder of the test's files.
func (m *machine) start(t *testing.T, args ...string) {
	t.Helper()
	line := append(m.inside(), "setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", "--reset-env")
	program, err := exec.LookPath(args[0]) // the path of user postgres is another one
	must(t, err)
	line = append(append(line, program), args[1:]...)
	log, err := os.OpenFile(m.log(args[0]), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	must(t, err)
	defer log.Close()
	cmd := exec.Command(line[0], line[1:]...)
	cmd.Stdout, cmd.Stderr, cmd.Dir = log, log, shared
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	must(t, cmd.Start())
	go func() { _ = cmd.Wait() }() // it is stopped by a signal, and how it ended is in its log
}

// log is the file with what a program has printed.
func (m *machine) log(program string) string {
	return filepath.Join(shared, "tmp", m.name+"-"+filepath.Base(program)+".log")
}

// tell prints the end of a program's log.
func (m *machine) tell(t *testing.T, program string) {
	t.Helper()
	said, err := os.ReadFile(m.log(program))
	if err == nil {
		t.Logf("%s, %s: ...%s", m.name, program, said[max(0, len(said)-2000):])
	}
}

// processes are the ids of the processes on the machine that have one of the names; of all when none is given.
func (m *machine) processes(t *testing.T, names ...string) (ids []int) {
	t.Helper()
	own, err := os.Readlink(m.namespace())
	must(t, err)
	entries, err := os.ReadDir("/proc")
	must(t, err)
	for _, e := range entries {
		id, err := strconv.Atoi(e.Name())
		if err != nil || id == m.keeper {
			continue
		}
		at, err := os.Readlink(fmt.Sprintf("/proc/%d/ns/net", id))
		if err != nil || at != own {
			continue // of another machine, or gone
		}
		name, err := os.ReadFile(fmt.Sprintf("/proc/%d/comm", id))
		if err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, syscall.ESRCH) {
			must(t, err)
		}
		if len(names) == 0 || slices.Contains(names, string(bytes.TrimSpace(name))) {
			ids = append(ids, id)
		}
	}
	return ids
}

// signal sends a signal to processes with the names, and returns how many have got it.
func (m *machine) signal(t *testing.T, s syscall.Signal, names ...string) (n int) {
	t.Helper()
	for _, id := range m.processes(t, names...) {
		if err := syscall.Kill(id, s); err == nil {
			n++
		} else if !errors.Is(err, syscall.ESRCH) {
			must(t, err)
		}
	}
	return n
}

// kill ends processes with the names as kill -9 does, and those that they were about to start, and waits until they are gone.
func (m *machine) kill(t *testing.T, names ...string) {
	t.Helper()
	for end := time.Now().Add(time.Minute); m.signal(t, syscall.SIGKILL, names...) > 0; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%s: %v cannot be killed", m.name, names)
		}
	}
}

// nowhere is a network card that nobody has.
const nowhere = "02:00:00:00:00:01"

// loses has what the machine sends to another one get lost on the way, silently. The other direction is not concerned.
func (m *machine) loses(t *testing.T, to *machine) {
	t.Helper()
	m.ip(t, "neigh", "replace", to.address, "lladdr", nowhere, "dev", m.device, "nud", "permanent")
}

// finds ends loses.
func (m *machine) finds(t *testing.T, to *machine) {
	t.Helper()
	m.ip(t, "neigh", "del", to.address, "dev", m.device)
}
