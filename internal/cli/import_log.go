package cli

import (
	"context"
	"flag"

	"github.com/cenote-id/cenote/internal/operate"
)

func importLog(in *invocation, own *flag.FlagSet) func(context.Context) error {
	pool := own.String("pool", "", "the pool of the import, by id")
	return func(ctx context.Context) error {
		if *pool == "" {
			return &usageError{"import-log needs --pool", "Run 'cenote help import-log' for its flags."}
		}
		return in.withData(ctx, func(d *operate.Data) error { return d.ImportLog(ctx, *pool, in.args[0], in.out) })
	}
}
