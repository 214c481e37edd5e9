package cli

import (
	"context"
	"flag"

	"github.com/cenote-id/cenote/internal/operate"
)

func keyRotateMaster(in *invocation, _ *flag.FlagSet) func(context.Context) error {
	return func(ctx context.Context) error {
		return in.withData(ctx, func(d *operate.Data) error {
			sealed, err := d.RotateMaster(ctx, func(sealed int) { in.progress("sealed: %d", sealed) })
			in.progressEnds()
			if err != nil {
				return err
			}
			in.remark("Sealed again: %d. Nothing in the database needs an earlier master key: remove it on every node and restart them. "+
				"Backups made until now still need it.", sealed)
			return nil
		})
	}
}
