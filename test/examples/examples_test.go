// Package examples_test runs the scenarios of examples/scenarios, and the applications of examples/nextjs and examples/amplify in Chromium, as their
// readers would.
package examples_test

import (
	"os"
	"os/exec"
	"regexp"
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

// TestJourneys points the applications at the pool that cenote dev makes in an empty folder, where it is without any setting.
func TestJourneys(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("builds applications")
	}
	node, browser := sdk.Program(t, "node"), sdk.Program(t, "chromium", "chromium-browser", "google-chrome")
	for _, folder := range []string{"../sdk/js", "../sdk/browser", "../../examples/nextjs", "../../examples/amplify"} {
		sdk.InstallPackages(t, folder)
	}
	p := cenotetest.StartBinary(t, cenotetest.BinaryOptions{Command: "dev"})
	poolID := regexp.MustCompile(`User pool id +(\S+)`)
	cenotetest.Eventually(t, "the sheet is printed", func() bool { return poolID.MatchString(p.Output()) })
	cmd := exec.CommandContext(t.Context(), node, "--test", "--test-force-exit", "--test-reporter=spec", "--test-timeout=300000", "journeys.test.mjs")
	cmd.Env = append(os.Environ(), "CENOTE_URL="+p.URL, "CENOTE_POOL_ID="+poolID.FindStringSubmatch(p.Output())[1], "CENOTE_TEST_CHROMIUM="+browser,
		"AWS_ACCESS_KEY_ID=any", "AWS_SECRET_ACCESS_KEY=any", "AWS_REGION=us-east-1", "NODE_NO_WARNINGS=1", "NO_COLOR=1")
	cmd.WaitDelay = 10 * time.Second
	said, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(said), "pass 2\n") {
		t.Errorf("%v\n%s", err, said)
	}
}
