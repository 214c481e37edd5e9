package cli

import (
	"context"
	_ "embed"
	"flag"
	"text/template"

	"github.com/cenote-id/cenote/internal/server"
)

//go:embed dev.txt
var devText string

var devSheet = template.Must(template.New("dev").Parse(devText))

func dev(in *invocation, _ *flag.FlagSet) func(context.Context) error {
	return func(ctx context.Context) error {
		c, err := in.config()
		if err != nil {
			return err
		}
		s, err := server.New(ctx, server.Options{Config: c, Log: newLog(in.err, c), Dev: true})
		if err != nil {
			return err
		}
		err = devSheet.Execute(in.out, map[string]string{
			"URL": s.URL, "Region": c.Region, "Pool": s.Dev.PoolID, "Client": s.Dev.ClientID, "Inbox": s.InboxURL(), "Data": c.DataDir,
		})
		if err != nil {
			in.remark("cenote: could not print: %v", err)
		}
		return s.Run(ctx)
	}
}
