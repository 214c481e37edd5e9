package cli

import (
	"context"
	"flag"
	"fmt"
	"runtime"
	"runtime/debug"
)

func version(in *invocation, _ *flag.FlagSet) func(context.Context) error {
	return func(context.Context) error {
		_, err := fmt.Fprintf(in.out, "cenote %s %s %s/%s\n", built(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
		return err
	}
}

// built is the version that the Go toolchain wrote into the binary: a tag, or the commit it was built from.
func built() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" {
		return "(devel)"
	}
	return info.Main.Version
}
