package cli

import (
	"context"
	"flag"

	"github.com/cenote-id/cenote/internal/operate"
)

func keyRotateMaster(in *invocation, _ *flag.FlagSet) func(context.Context) error {
	return func(ctx context.Context) error {
		return in.withData(ctx, func(d *operate.Data) error {
			due, err := d.MasterRotationDue(ctx)
			if err != nil {
				return err
			}
			sealed, err := d.RotateMaster(ctx, func(sealed int) { in.progress("sealed: %d", sealed) })
			in.progressEnds()
			if err != nil {
				return err
			}
			if !due {
				in.remark("Nothing to do: everything is sealed under the first key, and no other is needed. To change it, put a new one above it.")
				return nil
			}
			in.remark("Sealed again: %d. Nothing in the database needs an earlier master key: remove it on every node and restart them. "+
				"Backups made so far still need it.", sealed)
			return nil
		})
	}
}
