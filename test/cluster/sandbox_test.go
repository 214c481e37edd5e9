//go:build linux

package cluster

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"testing"
)

// The test binary runs itself twice more: as the first process of new namespaces, which the kernel ends with everything in them when the
// binary ends, however that happens; and in there as the one that runs the tests. The first process collects the children that others
// leave behind, or PostgreSQL would be taken for running.
const (
	envStage   = "CENOTE_TEST_CLUSTER_STAGE"
	stageFirst = "first"
	stageTests = "tests"
)

// shared is a folder that everybody may enter. In the sandbox it is a file system of its own.
const shared = "/run"

func inSandbox(m *testing.M) int {
	var err error
	code := 0
	switch os.Getenv(envStage) {
	case "":
		code, err = enter()
	case stageFirst:
		code, err = first()
	case stageTests:
		return m.Run()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "cluster: make a sandbox:", err)
		return 1
	}
	return code
}

// again is this program with its arguments, at another stage.
func again(stage string, attr *syscall.SysProcAttr) *exec.Cmd {
	cmd := exec.Command("/proc/self/exe", os.Args[1:]...)
	cmd.Env = append(os.Environ(), envStage+"="+stage)
	cmd.Stdin, cmd.Stdout, cmd.Stderr, cmd.SysProcAttr = os.Stdin, os.Stdout, os.Stderr, attr
	return cmd
}

func enter() (int, error) {
	runtime.LockOSThread() // Pdeathsig is sent when the thread ends that started the process
	cmd := again(stageFirst, &syscall.SysProcAttr{
		Cloneflags: syscall.CLONE_NEWPID | syscall.CLONE_NEWNET, Unshareflags: syscall.CLONE_NEWNS, Pdeathsig: syscall.SIGKILL,
	})
	err := cmd.Run()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return max(exit.ExitCode(), 1), nil
	}
	return 0, err
}

func first() (int, error) {
	if err := errors.Join(
		syscall.Mount("proc", "/proc", "proc", 0, ""),
		syscall.Mount("tmpfs", shared, "tmpfs", 0, "mode=755"),
		os.Mkdir(shared+"/tmp", 0o700),
		exec.Command("ip", "link", "set", "lo", "up").Run(),
	); err != nil {
		return 0, err
	}
	cmd := again(stageTests, nil)
	cmd.Env = append(cmd.Env, "TMPDIR="+shared+"/tmp")
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	for {
		var status syscall.WaitStatus
		pid, err := syscall.Wait4(-1, &status, 0, nil)
		switch {
		case errors.Is(err, syscall.EINTR):
		case err != nil:
			return 0, err
		case pid == cmd.Process.Pid && status.Exited():
			return status.ExitStatus(), nil
		case pid == cmd.Process.Pid:
			return 1, fmt.Errorf("the tests were ended by a signal: %v", status.Signal())
		}
	}
}
