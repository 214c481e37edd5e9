package test

import (
	"go/ast"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// asvs are the requirements of levels 1 and 2 in the chapters 6, 7, 9 and 10 of OWASP ASVS 5.0.
const asvs = `
6.1.1 6.1.2 6.1.3 6.2.1 6.2.2 6.2.3 6.2.4 6.2.5 6.2.6 6.2.7 6.2.8 6.2.9 6.2.10 6.2.11 6.3.1 6.3.2 6.3.3 6.4.1 6.4.2 6.4.3 6.4.4
6.5.1 6.5.2 6.5.3 6.5.4 6.5.5 6.6.1 6.6.2 6.6.3 6.8.1 6.8.2 6.8.3
7.1.1 7.1.2 7.1.3 7.2.1 7.2.2 7.2.3 7.2.4 7.3.1 7.3.2 7.4.1 7.4.2 7.4.3 7.4.4 7.4.5 7.5.1 7.5.2 7.6.1 7.6.2
9.1.1 9.1.2 9.1.3 9.2.1 9.2.2 9.2.3 9.2.4
10.1.1 10.1.2 10.2.1 10.2.2 10.3.1 10.3.2 10.3.3 10.3.4 10.4.1 10.4.2 10.4.3 10.4.4 10.4.5 10.4.6 10.4.7 10.4.8 10.4.9 10.4.10 10.4.11
10.5.1 10.5.2 10.5.3 10.5.4 10.5.5 10.6.1 10.6.2 10.7.1 10.7.2 10.7.3`

// The threat model answers each requirement once, and the tests that it names exist.
func TestTheThreatModelAnswersEachRequirementWithItsTests(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../docs/threat-model.md")
	if err != nil {
		t.Fatal(err)
	}
	_, files := sources(t)
	tests := map[string]bool{}
	for _, f := range files {
		for _, d := range f.file.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil {
				tests[fn.Name.Name] = true
			}
		}
	}
	numbered := regexp.MustCompile(`^\d+\.\d+\.\d+$`)
	named := regexp.MustCompile(`\bTest[A-Z]\w*`)
	var answered []string
	for line := range strings.Lines(string(text)) {
		cells := strings.Split(line, " | ")
		number := strings.TrimPrefix(cells[0], "| ")
		if !numbered.MatchString(number) {
			continue
		}
		answered = append(answered, number)
		if len(cells) == 5 && cells[2] == "met" && strings.HasPrefix(cells[4], "–") && !strings.Contains(cells[3], "(#") && number != "6.4.2" {
			t.Errorf("%s is met without a test", number) // except by this page, and by what is not there
		}
		if len(cells) != 5 || !slices.Contains([]string{"met", "partly", "not", "outside"}, cells[2]) {
			t.Errorf("%s: not the five cells of a requirement, or an unknown state: %s", number, line)
		}
	}
	want := strings.Fields(asvs)
	if !slices.Equal(answered, want) {
		t.Errorf("answered are %v, want %v", answered, want)
	}
	for _, name := range regexp.MustCompile(`\w+\.test\.mjs`).FindAllString(string(text), -1) {
		if _, err := os.Stat("sdk/js/" + name); err != nil {
			t.Errorf("there is no file %s: %v", name, err)
		}
	}
	for _, name := range named.FindAllString(string(text), -1) {
		if !tests[name] {
			t.Errorf("there is no test %s", name)
		}
	}
}
