package cli

import (
	"context"
	"flag"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/cenote-id/cenote/internal/server"
)

func poolList(in *invocation, _ *flag.FlagSet) func(context.Context) error {
	return func(ctx context.Context) error {
		return in.withData(ctx, func(d *server.Data) error {
			pools, err := d.UserPools(ctx)
			if err != nil {
				return err
			}
			w := tabwriter.NewWriter(in.out, 0, 0, 3, ' ', 0)
			fmt.Fprintln(w, "ID\tNAME\tCREATED")
			for _, p := range pools {
				fmt.Fprintf(w, "%s\t%s\t%s\n", p.ID, p.Settings.Name, p.Settings.CreationDate.UTC().Format(time.RFC3339))
			}
			return w.Flush()
		})
	}
}
