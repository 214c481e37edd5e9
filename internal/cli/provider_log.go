package cli

import (
	"context"
	"flag"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/cenote-id/cenote/internal/operate"
)

func providerLog(in *invocation, own *flag.FlagSet) func(context.Context) error {
	pool := own.String("pool", "", "the pool, by id")
	name := own.String("provider", "", "only this provider, by name (all)")
	asJSON := own.Bool("json", false, "print JSON")
	return func(ctx context.Context) error {
		if *pool == "" {
			return &usageError{"provider-log needs --pool", "Run 'cenote help provider-log' for its flags."}
		}
		return in.withData(ctx, func(d *operate.Data) error {
			logs, err := d.ProviderLog(ctx, *pool, *name)
			if err != nil {
				return err
			}
			if *asJSON {
				return in.printJSON(logs)
			}
			var text strings.Builder
			for _, l := range logs {
				text.WriteString(in.showProviderLog(l))
			}
			_, err = io.WriteString(in.out, text.String())
			return err
		})
	}
}

func (in *invocation) showProviderLog(l operate.ProviderLog) string {
	text := fmt.Sprintf("%s (%s)", l.Provider, l.Type)
	if l.Fetched != nil {
		text += ", metadata fetched " + l.Fetched.UTC().Format(time.DateTime)
	}
	if l.Fault != "" {
		text += ", not since: " + l.Fault
	}
	var rows [][]string
	for _, v := range l.Visits {
		who := v.User
		if who == "" {
			who = v.Subject
		}
		told := v.Text
		if v.Cause != "" {
			told += " (" + v.Cause + ")"
		}
		rows = append(rows, []string{v.Time.UTC().Format(time.DateTime), v.Outcome, who, v.Request, told})
	}
	return printable(text) + "\n" + list(rows, in.width())
}
