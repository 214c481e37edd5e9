package cli_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	// codeOf finds code in Markdown: fenced blocks and spans.
	codeOf = regexp.MustCompile("(?s)```.*?```|`[^`]+`")
	// aCommand finds a command line of ours, where one begins, without what follows a pipe, a comment or the end of a quotation.
	aCommand = regexp.MustCompile(`(?m)(?:^|\$\(|"|'|--clear-groups )cenote((?: +[^\s|#;&()"]+)+)`)
	aFlag    = regexp.MustCompile(`^--([a-z][a-z0-9-]*)`)
)

// TestTheDocsNameCommandsAndFlagsThatExist looks at every command line of cenote in the documentation.
func TestTheDocsNameCommandsAndFlagsThatExist(t *testing.T) {
	t.Parallel()
	pages, err := filepath.Glob("../../docs/*.md")
	must(t, err)
	helps, seen := map[string]string{}, 0
	help := func(command string) string {
		if _, asked := helps[command]; !asked {
			helps[command], _, _ = cenote(t, nil, append([]string{"help"}, strings.Fields(command)...)...)
		}
		return helps[command]
	}
	settings := []string{}
	for line := range strings.Lines(help("serve")) {
		settings = append(settings, strings.Fields(line + " .")[0])
	}
	for _, page := range append(pages, "../../README.md", "../../SECURITY.md") {
		text, err := os.ReadFile(page)
		must(t, err)
		for _, part := range codeOf.FindAllString(string(text), -1) {
			part = strings.ReplaceAll(strings.Trim(part, "`"), "\\\n", " ")
			for _, found := range aCommand.FindAllStringSubmatch(part, -1) {
				words := strings.Fields(found[1])
				command := words[0]
				if help(command) == "" || len(words) > 1 && !strings.HasPrefix(words[1], "-") && help(command+" "+words[1]) != "" {
					command = strings.Join(words[:min(2, len(words))], " ")
				}
				if help(command) == "" && command != "help" {
					t.Errorf("%s: there is no command in %q", filepath.Base(page), strings.TrimSpace(found[0]))
					continue
				}
				seen++
				for _, word := range words {
					flag := aFlag.FindString(word)
					if flag != "" && !slices.Contains(strings.Fields(help(command)), flag) && !slices.Contains(settings, flag) {
						t.Errorf("%s: cenote %s has no flag %s: %q", filepath.Base(page), command, flag, strings.TrimSpace(found[0]))
					}
				}
			}
		}
	}
	if seen < 50 {
		t.Errorf("only %d command lines were found", seen)
	}
}
