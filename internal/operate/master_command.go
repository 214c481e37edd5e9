package operate

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"runtime"
	"strings"
	"time"

	"github.com/cenote-id/cenote/internal/config"
)

// commandPatience is how long the command that prints the master key may take: a vault answers over the network.
const commandPatience = 30 * time.Second

// runMasterCommand runs the operator's command by the system's shell and reads the keys that it prints, in the form of a key file. An
// error quotes what the command wrote to its standard error, never its output.
func runMasterCommand(ctx context.Context, command string) ([][]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, commandPatience)
	defer cancel()
	shell, flag := "/bin/sh", "-c"
	if runtime.GOOS == "windows" {
		shell, flag = "cmd", "/C"
	}
	cmd := exec.CommandContext(ctx, shell, flag, command) //nolint:gosec // the operator's own command
	cmd.WaitDelay = time.Second                           // for children that keep the output open
	out, complaint := &bounded{most: maxKeyText}, &bounded{most: 500}
	cmd.Stdout, cmd.Stderr = out, complaint
	err := cmd.Run()
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return nil, fmt.Errorf("the command did not end within %s", commandPatience)
	case errors.Is(err, exec.ErrWaitDelay):
		return nil, errors.New("the command left a process behind that keeps its output open")
	case err != nil:
		if said := strings.TrimSpace(complaint.String()); said != "" {
			return nil, fmt.Errorf("the command failed: %w: %s", err, said)
		}
		return nil, fmt.Errorf("the command failed: %w", err)
	case out.cut:
		return nil, fmt.Errorf("the command printed more than %d bytes", maxKeyText)
	}
	keys, err := config.ParseMasterKeys(out.String())
	if err != nil {
		return nil, fmt.Errorf("the output of the command: %w", err)
	}
	return keys, nil
}

// bounded keeps the beginning of what is written to it.
type bounded struct {
	kept bytes.Buffer // not embedded: its ReadFrom would let io.Copy pass by Write
	most int          // bytes
	cut  bool
}

func (b *bounded) String() string { return b.kept.String() }

// Write takes everything, so that the command does not fail on a closed pipe.
func (b *bounded) Write(p []byte) (int, error) {
	n := min(len(p), b.most-b.kept.Len())
	b.cut = b.cut || n < len(p)
	b.kept.Write(p[:n])
	return len(p), nil
}
