package cli

import (
	"context"
	"flag"
	"time"

	"github.com/cenote-id/cenote/internal/operate"
)

func poolRotateDataKey(in *invocation, own *flag.FlagSet) func(context.Context) error {
	overlap := own.Duration("overlap", operate.DataKeyOverlap, "how long the previous key still opens refresh tokens, sessions and codes, at least 1m")
	return func(ctx context.Context) error {
		return in.withData(ctx, func(d *operate.Data) error {
			in.progress("waiting until every node knows the new key")
			sealed, until, err := d.RotateDataKey(ctx, in.args[0], *overlap, func(sealed int) { in.progress("sealed: %d", sealed) })
			in.progressEnds()
			if err != nil {
				return err
			}
			in.remark("Sealed again: %d. Running servers drop the earlier key after %s; refresh tokens from before are refused from then on.",
				sealed, until.UTC().Format(time.RFC3339))
			return nil
		})
	}
}
