package config

import (
	"flag"
	"os"
	"regexp"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the table of settings into README.md")

// readmeTable is the table as it stands in the README.
var readmeTable = regexp.MustCompile(`(?m)^\| Flag \| Environment .*\n(\|.*\n)+`)

func TestTheReadmeHoldsTheTable(t *testing.T) {
	t.Parallel()
	const path = "../../README.md"
	readme, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(readme), Markdown()) {
		return
	}
	if !*update {
		t.Fatal("README.md lacks the table of settings: go test ./internal/config -update")
	}
	if !readmeTable.Match(readme) {
		t.Fatal("README.md has no table to replace")
	}
	if err := os.WriteFile(path, readmeTable.ReplaceAllLiteral(readme, []byte(strings.TrimRight(Markdown(), "\n")+"\n")), 0o644); err != nil {
		t.Fatal(err)
	}
}
