package cli_test

import (
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cenote-id/cenote/internal/cenotetest"
	"github.com/cenote-id/cenote/test/sdk"
)

// What cenote dev prints for the AWS CLI is pasted into a shell, as it stands, the confirmation included.
func TestTheLinesThatDevPrintsWorkWhenPasted(t *testing.T) {
	t.Parallel()
	aws := sdk.Program(t, "/usr/bin/aws")
	sdk.Program(t, "/usr/bin/curl")
	p := cenotetest.StartBinary(t, cenotetest.BinaryOptions{Command: "dev"})
	cenotetest.Eventually(t, "the sheet is printed", func() bool { return strings.Contains(p.Output(), "Press Ctrl-C") })
	_, lines, _ := strings.Cut(p.Output(), "AWS CLI\n")
	lines, _, _ = strings.Cut(lines, "\nPress Ctrl-C")
	script := "set -e\n" + strings.ReplaceAll(lines, "  aws ", aws+" ")
	cmd := exec.CommandContext(t.Context(), "/bin/sh", "-c", script)
	cmd.WaitDelay = time.Second
	env := slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "AWS_") })
	cmd.Env = append(env, "HOME="+t.TempDir(), "AWS_EC2_METADATA_DISABLED=true")
	said, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(said), `"AccessToken"`) {
		t.Errorf("%v:\n%s\n%s", err, script, said)
	}
}
