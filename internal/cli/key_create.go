package cli

import (
	"context"
	"flag"
	"strings"

	"github.com/cenote-id/cenote/internal/operate"
)

func keyCreate(in *invocation, own *flag.FlagSet) func(context.Context) error {
	var request operate.KeyRequest
	own.StringVar(&request.Name, "name", "", "name of the key, such as its owner")
	own.StringVar(&request.Account, "account", "", "account it belongs to, 12 digits (that of --account-id)")
	own.Func("allow", "operations it may call, such as AdminGetUser or 'Admin*'; may be given again (all)", listFlag(&request.Operations))
	own.Func("pool", "pools it may be used on, by id or pattern; may be given again (all)", listFlag(&request.Pools))
	return func(ctx context.Context) error {
		if request.Name == "" {
			return &usageError{"key create needs --name", "Run 'cenote help key create' for its flags."}
		}
		return in.withData(ctx, func(d *operate.Data) error {
			k, err := d.CreateKey(ctx, request)
			if err != nil {
				return err
			}
			printKey(in, k)
			in.remark("The secret is not shown again.")
			return nil
		})
	}
}

// listFlag collects the values of a flag that may be given again, or hold several with commas between.
func listFlag(list *[]string) func(string) error {
	return func(value string) error {
		for item := range strings.SplitSeq(value, ",") {
			if item = strings.TrimSpace(item); item != "" {
				*list = append(*list, item)
			}
		}
		return nil
	}
}
