package cli

import (
	"context"
	"flag"

	"github.com/cenote-id/cenote/internal/config"
	"github.com/cenote-id/cenote/internal/operate"
	"github.com/cenote-id/cenote/internal/server"
)

func doctor(in *invocation, _ *flag.FlagSet) func(context.Context) error {
	return func(ctx context.Context) error {
		failed := 0
		tell := func(f operate.Finding) {
			if f.Verdict == operate.Failure {
				failed++
			}
			say(in.out, "%-4s  %-13s  %s", f.Verdict, f.Check, f.Text)
		}
		if c, err := in.load(); err != nil {
			tell(operate.Finding{Check: "settings", Verdict: operate.Failure, Text: err.Error()})
		} else {
			for _, name := range config.Unknown(in.env) {
				tell(operate.Finding{Check: "settings", Verdict: operate.Warning, Text: name + " is not a setting and is ignored"})
			}
			operate.Diagnose(ctx, c, tell)
			for _, err := range server.CheckFiles(c) {
				tell(operate.Finding{Check: "files", Verdict: operate.Failure, Text: err.Error()})
			}
		}
		if failed > 0 {
			return errTold
		}
		return nil
	}
}
