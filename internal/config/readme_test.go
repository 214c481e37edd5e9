package config

import (
	"errors"
	"io/fs"
	"os"
	"strings"
	"testing"
)

func TestTheReadmeHoldsTheTable(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("../../README.md")
	if errors.Is(err, fs.ErrNotExist) {
		t.Skip("there is no README.md")
	}
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(readme), Markdown()) {
		t.Errorf("README.md lacks this table, as it stands here:\n%s", Markdown())
	}
}
