package cli

import (
	"context"
	"flag"

	"github.com/cenote-id/cenote/internal/operate"
)

func migrate(in *invocation, _ *flag.FlagSet) func(context.Context) error {
	return func(ctx context.Context) error {
		c, err := in.config()
		if err != nil {
			return err
		}
		d, err := operate.OpenData(ctx, c, operate.DataOptions{Log: newLog(in.err, c)})
		if err != nil {
			return err
		}
		in.remark("The database is up to date.")
		return d.Close()
	}
}
