package cli

import (
	"context"
	"flag"

	"github.com/cenote-id/cenote/internal/operate"
)

func keyDelete(in *invocation, _ *flag.FlagSet) func(context.Context) error {
	return func(ctx context.Context) error {
		return in.withData(ctx, func(d *operate.Data) error { return d.DeleteKey(ctx, in.args[0]) })
	}
}
