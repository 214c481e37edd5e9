package cli

import (
	"context"
	"flag"
	"io"
	"time"

	"github.com/cenote-id/cenote/internal/operate"
)

func poolList(in *invocation, own *flag.FlagSet) func(context.Context) error {
	f := &apiFlags{}
	f.define(own)
	return func(ctx context.Context) error {
		if f.endpoint != "" || f.profile != "" {
			c, err := f.dial(ctx, in)
			if err != nil {
				return err
			}
			return listPools(ctx, c)
		}
		return in.withData(ctx, func(d *operate.Data) error {
			pools, err := d.UserPools(ctx)
			if err != nil {
				return err
			}
			rows := [][]string{{"ID", "NAME", "CREATED"}}
			for _, p := range pools {
				rows = append(rows, []string{p.ID, p.Settings.Name, p.Settings.CreationDate.UTC().Format(time.RFC3339)})
			}
			_, err = io.WriteString(in.out, table(rows))
			return err
		})
	}
}
