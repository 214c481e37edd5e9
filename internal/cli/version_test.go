package cli

import (
	"os/exec"
	"runtime/debug"
	"strings"
	"testing"
)

func TestTheVersionNamesTheCommitAlsoFromAnArchive(t *testing.T) {
	t.Parallel()
	const commit = "0123456789abcdef0123456789abcdef01234567"
	vcs := []debug.BuildSetting{{Key: "vcs.revision", Value: commit}}
	for _, tc := range []struct {
		name            string
		info            *debug.BuildInfo
		stamp, archived string
		want            string
	}{
		{"a package", &debug.BuildInfo{Main: debug.Module{Version: "(devel)"}, Settings: vcs}, "v1.2.3", commit, "v1.2.3"},
		{"a release", &debug.BuildInfo{Main: debug.Module{Version: "v1.2.3"}}, "", commit, "v1.2.3"},
		{"an archive", &debug.BuildInfo{Main: debug.Module{Version: "(devel)"}}, "", commit + "\n", "devel-0123456789ab"},
		{"an archive, built without a module version", &debug.BuildInfo{}, "", commit, "devel-0123456789ab"},
		{"a repository", &debug.BuildInfo{Main: debug.Module{Version: "(devel)"}, Settings: vcs}, "", "$Format:%H$\n", "devel-0123456789ab"},
		{"sources from nowhere", &debug.BuildInfo{}, "", "$Format:%H$\n", "(devel)"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if got := versionOf(tc.info, tc.stamp, tc.archived); got != tc.want {
				t.Errorf("got %s, want %s", got, tc.want)
			}
		})
	}
}

func TestGitWritesTheCommitIntoArchives(t *testing.T) {
	t.Parallel()
	head, err := exec.CommandContext(t.Context(), "git", "rev-parse", "HEAD").Output()
	if err != nil {
		t.Skip("not a git work tree")
	}
	cmd := exec.CommandContext(t.Context(), "sh", "-c", "git archive HEAD internal/cli/commit.txt | tar -xO")
	cmd.Dir = "../.."
	got, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(head) || !commitForm.MatchString(strings.TrimSpace(string(got))) {
		t.Errorf("the archive says %q, the commit is %q", got, head)
	}
}
