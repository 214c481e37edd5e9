package cli

import (
	"context"
	"flag"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/cenote-id/cenote/internal/server"
)

func keyList(in *invocation, _ *flag.FlagSet) func(context.Context) error {
	return func(ctx context.Context) error {
		return in.withData(ctx, func(d *server.Data) error {
			keys, err := d.Keys(ctx)
			if err != nil {
				return err
			}
			w := tabwriter.NewWriter(in.out, 0, 0, 3, ' ', 0)
			fmt.Fprintln(w, "ID\tNAME\tCREATED\tOPERATIONS\tPOOLS")
			for _, k := range keys {
				fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", k.ID, k.Name, k.Created.UTC().Format(time.RFC3339), limits(k.Policy.Operations), limits(k.Policy.Pools))
			}
			return w.Flush()
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
