package cli

import (
	"context"
	_ "embed"
	"errors"
	"flag"
	"maps"
	"strings"
	"text/template"

	"github.com/cenote-id/cenote/internal/server"
)

//go:embed dev.txt
var devText string

var devSheet = template.Must(template.New("dev").Parse(devText))

func dev(in *invocation, own *flag.FlagSet) func(context.Context) error {
	functions := map[string]string{}
	own.Func("function", "function that runs on this machine, name=folder with its handler; may be given several times", func(value string) error {
		name, folder, ok := strings.Cut(value, "=")
		if !ok || name == "" || folder == "" {
			return errors.New("is not of the form name=folder")
		}
		functions[name] = folder
		return nil
	})
	return func(ctx context.Context) error {
		c, err := in.config()
		if err != nil {
			return err
		}
		if c.Functions == nil {
			c.Functions = functions
		}
		maps.Copy(c.Functions, functions)
		s, err := server.New(ctx, server.Options{Config: c, Log: newLog(in.err, c), Dev: true, Environ: in.env})
		if err != nil {
			return err
		}
		err = devSheet.Execute(in.out, map[string]string{
			"URL": s.URL, "Region": c.Region, "Pool": s.Dev.PoolID, "Client": s.Dev.ClientID, "Inbox": s.InboxURL(), "Triggers": s.TriggersURL(), "Data": c.DataDir,
		})
		if err != nil {
			in.remark("cenote: could not print: %v", err)
		}
		return s.Run(ctx)
	}
}
