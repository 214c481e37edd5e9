package cli_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestTheRightFlagIsBlamed(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "cenote.yaml")
	if err := os.WriteFile(file, []byte("functions:\n  other: "+filepath.Join(dir, "elsewhere")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name string
		env  []string
		args []string
		want string
	}{
		{"a settings file that is not there", nil, []string{"dev", "--config", "nowhere.yaml"}, "--config: open nowhere.yaml: "},
		{"the same in the environment", []string{"CENOTE_CONFIG=nowhere.yaml"}, []string{"dev"}, "CENOTE_CONFIG: open nowhere.yaml: "},
		{"a function without a folder", nil, []string{"dev", "--ephemeral", "--function", "PreSignUp=" + dir + "/nowhere"}, "--function: local function PreSignUp: "},
		{"a function in the file", nil, []string{"dev", "--ephemeral", "--config", file}, file + ":2: functions: local function other: "},
		{"an address", nil, []string{"serve", "--data-dir", dir, "--listen", "nowhere"}, `--listen: "nowhere" is not an address like 127.0.0.1:4310`},
		{"a seed file that is not there", nil, []string{"dev", "--ephemeral", "--seed", "nowhere.yaml"}, "--seed: open nowhere.yaml: "},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			_, stderr, code := cenote(t, tc.env, tc.args...)
			if want := "cenote: error: " + tc.want; code != 1 || !strings.HasPrefix(stderr, want) || strings.Count(stderr, "\n") != 1 {
				t.Errorf("exits with %d: %q, want %q", code, stderr, want)
			}
		})
	}
	if _, stderr, code := cenote(t, nil, "dev", "--function", "presignup=x"); code != 2 || !strings.HasPrefix(stderr, `cenote: error: --function: "presignup" is not how the trigger is spelled: PreSignUp`) {
		t.Errorf("a misspelled trigger exits with %d: %q", code, stderr)
	}
}

// No message shows the words of Go's own parsers.
func TestNoMessageSpeaksOfStrconv(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{
		{"serve", "--rate-limits=x"},
		{"serve", "--rate-limit-user", "x"},
		{"serve", "--listen", "a:b"},
		{"serve", "--database-wait", "x"},
		{"serve", "--shutdown-delay", "x"},
		{"users", "list", "--pool", "p", "--limit", "x", "--endpoint", "http://127.0.0.1:1"},
		{"group", "create", "g", "--pool", "p", "--precedence", "x", "--endpoint", "http://127.0.0.1:1"},
	} {
		_, stderr, code := cenote(t, nil, args...)
		if code == 0 || strings.Contains(stderr, "strconv") || strings.Contains(stderr, "time: ") || strings.Contains(stderr, "parse error") {
			t.Errorf("%v exits with %d: %q", args, code, stderr)
		}
	}
}
