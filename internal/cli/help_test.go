package cli_test

import (
	"os/exec"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestHelpOfAGroupIsAnAnswer(t *testing.T) {
	t.Parallel()
	want, _ := ok(t, "help", "key")
	if !strings.Contains(want, "cenote key create ") || !strings.Contains(want, "cenote key delete ID ") || strings.Contains(want, "cenote serve") {
		t.Errorf("the help of the group is:\n%s", want)
	}
	for _, args := range [][]string{{"key", "--help"}, {"key", "help"}, {"key", "-h"}} {
		if got, _ := ok(t, args...); got != want {
			t.Errorf("%v prints:\n%s", args, got)
		}
	}
}

func TestHelpFitsTheTerminal(t *testing.T) {
	t.Parallel()
	for _, columns := range []string{"60", "80", "120"} {
		width := map[string]int{"60": 60, "80": 80, "120": 120}[columns]
		for _, args := range [][]string{{"help"}, {"help", "dev"}, {"help", "serve"}, {"help", "pool", "rotate-keys"}} {
			out, _, code := cenote(t, []string{"COLUMNS=" + columns}, args...)
			if code != 0 {
				t.Fatalf("%v exits with %d", args, code)
			}
			for line := range strings.SplitSeq(out, "\n") {
				if utf8.RuneCountInString(line) > width && strings.Contains(strings.TrimSpace(line), " ") && !strings.Contains(line, "CENOTE_") {
					t.Errorf("%v at %s columns has a line of %d: %q", args, columns, utf8.RuneCountInString(line), line)
				}
			}
		}
	}
}

func TestASwitchTakesItsValueAsAWordOfItsOwn(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"--rate-limits", "false"}, {"--rate-limits=false"}, {"--rate-limits"}} {
		// A wrong region ends the command after its flags were read.
		_, stderr, code := cenote(t, nil, append([]string{"serve", "--region", "mars"}, args...)...)
		if code != 1 || !strings.HasPrefix(stderr, "cenote: error: --region: ") {
			t.Errorf("serve %v exits with %d: %s", args, code, stderr)
		}
	}
}

func TestVariablesThatAreNoSettingsAreNamed(t *testing.T) {
	t.Parallel()
	env := []string{"CENOTE_LISTN=:1", "CENOTE_URL=http://127.0.0.1:1", "CENOTE_SERVICE_HOST=10.0.0.1", "CENOTE_PORT_4310_TCP=x", "CENOTE_LOG_FORMAT=json"}
	_, stderr, code := cenote(t, env, "key", "list", "--data-dir", t.TempDir())
	if code != 1 || strings.Count(stderr, "is not a setting") != 1 || !strings.Contains(stderr, `"variable":"CENOTE_LISTN","meant":"CENOTE_LISTEN"`) {
		t.Errorf("exit code %d, said %s", code, stderr)
	}
	stdout, _, _ := cenote(t, append(env, "CENOTE_REGION=us-east-1"), "doctor", "--data-dir", t.TempDir(), "--listen", "127.0.0.1:0")
	if !strings.Contains(stdout, "warn  settings       CENOTE_LISTN is not a setting and is ignored\n") {
		t.Errorf("doctor says:\n%s", stdout)
	}
}

// Each completion is tried in its shell, where this machine has it.
func TestCompletionOffersCommandsSubcommandsAndFlags(t *testing.T) {
	t.Parallel()
	script, _ := ok(t, "completion", "bash")
	for line, want := range map[string]string{
		"cenote ser":            "serve",
		"cenote key ":           "create delete list rotate-identity rotate-master",
		"cenote help pool rot":  "rotate-data-key rotate-keys",
		"cenote serve --rate-l": "--rate-limit-address --rate-limit-client --rate-limit-user --rate-limits",
		"cenote key create --n": "--name",
		"cenote completion f":   "fish",

		"cenote user sign-in --flow ":      "choice custom password srp",
		"cenote user sign-in --factor E":   "EMAIL_OTP",
		"cenote client create x --flow AL": "ALLOW_ADMIN_USER_PASSWORD_AUTH ALLOW_CLIENT_TOKEN_AUTH ALLOW_CUSTOM_AUTH ALLOW_REFRESH_TOKEN_AUTH ALLOW_USER_AUTH ALLOW_USER_PASSWORD_AUTH ALLOW_USER_SRP_AUTH",
		"cenote users create --invite-by ": "EMAIL SMS",
		"cenote user attributes --verify ": "email phone_number",
		"cenote user mfa --prefer s":       "sms",
		"cenote user mfa --disable ":       "email sms totp",
		"cenote serve --log-level ":        "debug error info warn",
		"cenote key list --log-format j":   "json",
		"cenote serve --audit ":            "all changes off",
	} {
		words := strings.Split(line, " ")
		ask := "COMP_WORDS=('" + strings.Join(words, "' '") + "'); COMP_CWORD=$((${#COMP_WORDS[@]}-1)); _cenote; printf '%s\\n' \"${COMPREPLY[@]}\" | LC_ALL=C sort | tr '\\n' ' '"
		said, err := exec.CommandContext(t.Context(), "bash", "--norc", "-c", script+ask).CombinedOutput()
		if err != nil {
			t.Fatalf("bash: %v\n%s", err, said)
		}
		if got := strings.TrimSpace(string(said)); got != want {
			t.Errorf("%q is completed by %q, want %q", line, got, want)
		}
	}
	for _, shell := range []string{"zsh", "fish"} {
		script, _ := ok(t, "completion", shell)
		for _, part := range []string{"rotate-keys", "rate-limits", "completion", "choice custom password srp"} {
			if !strings.Contains(script, part) {
				t.Errorf("the completion for %s lacks %s", shell, part)
			}
		}
		if _, err := exec.LookPath(shell); err != nil {
			continue
		}
		cmd := exec.CommandContext(t.Context(), shell, "-n")
		cmd.Stdin = strings.NewReader(script)
		if said, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%s cannot read its completion: %v\n%s", shell, err, said)
		}
	}
}
