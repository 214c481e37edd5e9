package cli_test

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/cenote-id/cenote/internal/config"
)

func TestTheManualHasEveryCommandAndEverySetting(t *testing.T) {
	t.Parallel()
	page, _ := ok(t, "man")
	list, _ := ok(t, "help")
	commands := 0
	for line := range strings.SplitSeq(list, "\n") {
		words := strings.Fields(line)
		if len(words) < 2 || words[0] != "cenote" || !strings.HasPrefix(line, "  ") {
			continue
		}
		commands++
		if !strings.Contains(page, ".SS cenote "+strings.ReplaceAll(words[1], "-", `\-`)) {
			t.Errorf("cenote(1) lacks %q", line)
		}
	}
	if commands < 30 {
		t.Errorf("only %d commands were looked for", commands)
	}
	settings, _ := ok(t, "man", "cenote.yaml")
	for _, s := range config.Settings() {
		want := s.Name
		if s.NoFile {
			want = s.Env
		}
		if !strings.Contains(settings, `\fB`+strings.ReplaceAll(want, "-", `\-`)) {
			t.Errorf("cenote.yaml(5) lacks %s", s.Name)
		}
	}
	if _, stderr, code := cenote(t, nil, "man", "cooking"); code != 2 || !strings.Contains(stderr, `there is no manual page "cooking"`) {
		t.Errorf("exit code %d: %s", code, stderr)
	}
}

func TestTheManualIsCorrectRoff(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("man"); err != nil {
		t.Skip("there is no man here")
	}
	for _, name := range []string{"cenote", "cenote.yaml"} {
		page, _ := ok(t, "man", name)
		cmd := exec.CommandContext(t.Context(), "man", "--warnings=w", "-l", "-")
		cmd.Env = append(cmd.Environ(), "MANWIDTH=100", "LC_ALL=C.UTF-8", "MANROFFSEQ=")
		cmd.Stdin = strings.NewReader(page)
		var said strings.Builder
		cmd.Stderr = &said
		if err := cmd.Run(); err != nil || said.String() != "" {
			t.Errorf("%s: %v %s", name, err, said.String())
		}
	}
}
