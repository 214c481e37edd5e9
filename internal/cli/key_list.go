package cli

import (
	"context"
	"flag"
	"io"
	"strings"
	"time"

	"github.com/cenote-id/cenote/internal/operate"
)

func keyList(in *invocation, _ *flag.FlagSet) func(context.Context) error {
	return func(ctx context.Context) error {
		return in.withData(ctx, func(d *operate.Data) error {
			keys, err := d.Keys(ctx)
			if err != nil {
				return err
			}
			rows := [][]string{{"ID", "NAME", "ACCOUNT", "CREATED", "OPERATIONS", "POOLS"}}
			for _, k := range keys {
				rows = append(rows, []string{k.ID, k.Name, k.Account, k.Created.UTC().Format(time.RFC3339), limits(k.Policy.Operations), limits(k.Policy.Pools)})
			}
			_, err = io.WriteString(in.out, table(rows))
			return err
		})
	}
}

// limits shows one list of a policy.
func limits(list []string) string {
	switch {
	case list == nil:
		return "all"
	case len(list) == 0:
		return "none"
	}
	return strings.Join(list, ",")
}
