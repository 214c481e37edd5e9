// Package examples_test runs the scenarios of examples/scenarios as their reader would.
package examples_test

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

func TestScenarios(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("builds programs")
	}
	cenote := cenotetest.Binary(t)
	for scenario, want := range map[string][]string{
		"hello":               {"dev: us-east-1_", "mfa: us-east-1_"},
		"sign-up-with-mfa":    {"confirmed\n", "▄", "the authenticator app: SUCCESS\n", "signed in with password and code, for 3600 seconds\n", "user: carla (CONFIRMED)\n"},
		"confirm-known-users": {"signed up: ann is confirmed\n", "signed in: ann\n", "signed up: mallory is to confirm\n", "not signed in: mallory (User is not confirmed.)\n", "deleted: ann\n"},
		"tracked-device":      {"signed in", "device: scenario\n"},
	} {
		for _, language := range []string{"js", "go"} {
			t.Run(scenario+" in "+language, func(t *testing.T) {
				t.Parallel()
				if language == "js" {
					sdk.Program(t, "node")
					sdk.InstallPackages(t, "../../examples/scenarios/js")
				}
				cmd := exec.CommandContext(t.Context(), "../../examples/scenarios/run", scenario, language)
				cmd.Env = append(slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "CENOTE_") }), "CENOTE="+cenote, "NODE_NO_WARNINGS=1")
				cmd.WaitDelay = 10 * time.Second
				said, err := cmd.CombinedOutput()
				if err != nil {
					t.Fatalf("%v\n%s", err, said)
				}
				for _, line := range want {
					if !strings.Contains(string(said), line) {
						t.Errorf("%q is missing in\n%s", line, said)
					}
				}
			})
		}
	}
}
