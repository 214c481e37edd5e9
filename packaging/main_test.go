package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"
)

var background = context.Background() // for what tests share

// TestMain runs the tests in the root of the repository, as the command is run.
func TestMain(m *testing.M) {
	if err := os.Chdir(".."); err != nil {
		panic(err)
	}
	code := m.Run()
	_ = os.RemoveAll(madeIn)
	os.Exit(code)
}

func TestTwoRunsGiveTheSameBytes(t *testing.T) {
	m := theRelease(t)
	// The second run is in another folder, without a repository, and as somebody else's.
	copied := filepath.Join(t.TempDir(), "elsewhere")
	listed, err := command(t.Context(), "", nil, "git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
	if err != nil {
		t.Skipf("not a git work tree: %v", err)
	}
	for name := range strings.SplitSeq(strings.TrimSuffix(string(listed), "\x00"), "\x00") {
		content, err := os.ReadFile(name)
		if err != nil {
			continue // deleted, not yet committed
		}
		must(t, os.MkdirAll(filepath.Join(copied, filepath.Dir(name)), 0o700))
		must(t, os.WriteFile(filepath.Join(copied, name), content, 0o600))
	}
	nfpm, err := filepath.Abs(".bin/nfpm")
	must(t, err)
	r, err := newRelease(t.Context(), "")
	must(t, err)
	cmd := exec.CommandContext(t.Context(), "go", "run", "./packaging", "-only", "linux/"+runtime.GOARCH, "-nfpm", nfpm, "-version", r.version)
	cmd.Dir = copied
	cmd.Env = append(os.Environ(), "SOURCE_DATE_EPOCH="+strconv.FormatInt(r.time.Unix(), 10), "TMPDIR="+t.TempDir(), "TZ=Asia/Tokyo")
	if said, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	first, err := os.ReadFile(filepath.Join(m.dir, "SHA256SUMS"))
	must(t, err)
	second, err := os.ReadFile(filepath.Join(copied, "dist", "SHA256SUMS"))
	must(t, err)
	if string(first) != string(second) {
		t.Errorf("the first run gives\n%s\nthe second\n%s", first, second)
	}
}

func TestTheChangelogNamesTheVersion(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, text, newest, day string
		unreleased              bool
		fails                   bool
	}{
		{name: "a release", text: "# Changelog\n\n## [Unreleased]\n\n## [1.2.3] - 2026-11-29\n\n- One\n\n## [1.2.2] - 2026-11-01\n", newest: "1.2.3", day: "2026-11-29"},
		{name: "changes after it", text: "## [Unreleased]\n\n### Added\n\n- Two\n\n## [1.2.3] - 2026-11-29\n\n- One\n", newest: "1.2.3", day: "2026-11-29", unreleased: true},
		{name: "no release", text: "## [Unreleased]\n\n- One\n", fails: true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			newest, day, unreleased, err := readChangelog(tc.text)
			if (err != nil) != tc.fails || newest != tc.newest || unreleased != tc.unreleased || (!tc.fails && day.Format(time.DateOnly) != tc.day) {
				t.Errorf("got %s %s %t %v", newest, day, unreleased, err)
			}
		})
	}
}
