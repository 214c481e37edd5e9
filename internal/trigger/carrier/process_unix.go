//go:build unix

package carrier

import (
	"os"
	"os/exec"
	"syscall"
)

// setGroup puts the process into a group of its own, so that its children can be killed with it.
func setGroup(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

func killGroup(p *os.Process) error {
	if err := syscall.Kill(-p.Pid, syscall.SIGKILL); err != nil {
		return os.ErrProcessDone
	}
	return nil
}
