// Package upgrade goes from the version before to this one: on a database that it left behind, and beside it on one that both use.
//
// The version before is the newest tag below this commit or, as long as there is none, the commit in testdata/previous. Its program is built from
// the repository, so a clone without that commit skips what needs it. What it left behind is kept in testdata/<schema>; "go test
// ./test/upgrade -run Fixture -write" makes a folder of the version before, which a release does.
package upgrade

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

var write = flag.Bool("write", false, "make the fixtures of the version before")

// errUnknown says that the clone lacks the version before.
var errUnknown = errors.New("this clone has neither a tag below its commit nor the commit of testdata/previous: fetch the whole history")

var keptIn string // the folder that TestMain removes

func TestMain(m *testing.M) {
	flag.Parse()
	code := m.Run()
	_ = os.RemoveAll(keptIn)
	os.Exit(code)
}

// previous returns the program of the version before.
func previous(t *testing.T) string {
	t.Helper()
	program, err := buildPrevious()
	if errors.Is(err, errUnknown) {
		t.Skip(err)
	}
	must(t, err)
	return program
}

var buildPrevious = sync.OnceValues(func() (string, error) {
	commit, err := previousCommit()
	if err != nil {
		return "", err
	}
	if keptIn, err = os.MkdirTemp("", "cenote-previous-"); err != nil {
		return "", err
	}
	if said, err := exec.Command("sh", "-ec", `git -C ../.. archive "$1" | tar -xC "$2"`, "sh", commit, keptIn).CombinedOutput(); err != nil {
		return "", fmt.Errorf("unpack %s: %w %s", commit, err, said)
	}
	build := exec.Command("go", "build", "-buildvcs=false", "-o", "previous", "./cmd/cenote")
	build.Dir, build.Env = keptIn, append(os.Environ(), "CGO_ENABLED=0")
	if said, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build %s: %w %s", commit, err, said)
	}
	return filepath.Join(keptIn, "previous"), nil
})

// previousCommit names the version before.
func previousCommit() (string, error) {
	git := func(args ...string) (string, error) {
		said, err := exec.CommandContext(context.Background(), "git", args...).Output()
		return strings.TrimSpace(string(said)), err
	}
	if tag, err := git("describe", "--tags", "--abbrev=0", "--match", "v*", "HEAD^"); err == nil {
		return tag, nil
	}
	text, err := os.ReadFile("testdata/previous")
	if err != nil {
		return "", err
	}
	commit := strings.TrimSpace(string(text))
	if _, err := git("cat-file", "-e", commit+"^{commit}"); err != nil {
		return "", errUnknown
	}
	return commit, nil
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
