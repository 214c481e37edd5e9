package cli

import (
	"context"
	"flag"
	"time"

	"github.com/cenote-id/cenote/internal/operate"
)

func poolRotateKeys(in *invocation, _ *flag.FlagSet) func(context.Context) error {
	return func(ctx context.Context) error {
		return in.withData(ctx, func(d *operate.Data) error {
			until, err := d.RotateKeys(ctx, in.args[0])
			if err != nil {
				return err
			}
			in.remark("New tokens are signed with the new keys. The previous keys verify until %s.", until.UTC().Format(time.RFC3339))
			return nil
		})
	}
}
