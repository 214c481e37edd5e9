package cli

import (
	"context"
	_ "embed"
	"flag"
	"fmt"
	"regexp"
	"runtime"
	"runtime/debug"
	"strings"
)

func version(in *invocation, _ *flag.FlagSet) func(context.Context) error {
	return func(context.Context) error {
		_, err := fmt.Fprintf(in.out, "cenote %s %s %s/%s\n", programVersion(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
		return err
	}
}

// stamped is the version that packages are built with, by the linker; empty elsewhere.
var stamped string

func programVersion() string {
	info, _ := debug.ReadBuildInfo()
	return versionOf(info, stamped, archived)
}

// archived is the commit that git wrote into the sources when it made an archive of them; elsewhere it is a placeholder.
//
//go:embed commit.txt
var archived string

var commitForm = regexp.MustCompile(`^[0-9a-f]{40,64}$`)

// versionOf is the stamp, else what the Go toolchain wrote into the binary: a tag, or a version made of the commit. Sources from an archive
// have no repository to ask, so they name the commit they were made from.
func versionOf(info *debug.BuildInfo, stamp, archived string) string {
	if stamp != "" {
		return stamp
	}
	if info != nil && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	commit := strings.TrimSpace(archived)
	if info != nil {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				commit = s.Value
			}
		}
	}
	if !commitForm.MatchString(commit) {
		return "(devel)"
	}
	return "devel-" + commit[:12]
}
