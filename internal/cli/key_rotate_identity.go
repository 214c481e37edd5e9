package cli

import (
	"context"
	"flag"
	"time"

	"github.com/cenote-id/cenote/internal/operate"
)

func keyRotateIdentity(in *invocation, _ *flag.FlagSet) func(context.Context) error {
	return func(ctx context.Context) error {
		return in.withData(ctx, func(d *operate.Data) error {
			until, err := d.RotateIdentityKey(ctx)
			if err != nil {
				return err
			}
			in.remark("New OpenID tokens of identities are signed with the new key. The previous key verifies until %s.", until.UTC().Format(time.RFC3339))
			return nil
		})
	}
}
