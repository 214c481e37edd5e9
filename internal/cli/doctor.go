package cli

import (
	"context"
	"flag"

	"github.com/cenote-id/cenote/internal/server"
)

func doctor(in *invocation, _ *flag.FlagSet) func(context.Context) error {
	return func(ctx context.Context) error {
		failed := 0
		tell := func(f server.Finding) {
			if f.Verdict == server.Failure {
				failed++
			}
			say(in.out, "%-4s  %-13s  %s", f.Verdict, f.Check, f.Text)
		}
		if c, err := in.config(); err != nil {
			tell(server.Finding{Check: "settings", Verdict: server.Failure, Text: err.Error()})
		} else {
			server.Diagnose(ctx, c, tell)
		}
		if failed > 0 {
			return errTold
		}
		return nil
	}
}
