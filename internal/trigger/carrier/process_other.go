//go:build !unix

package carrier

import (
	"os"
	"os/exec"
)

// setGroup does nothing where there are no process groups; children of the process are left to it.
func setGroup(*exec.Cmd) {}

func killGroup(p *os.Process) error { return p.Kill() }
