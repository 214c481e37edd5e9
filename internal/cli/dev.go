package cli

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"strings"
	"text/template"

	"github.com/cenote-id/cenote/internal/server"
	"github.com/cenote-id/cenote/internal/trigger"
)

//go:embed dev.txt
var devText string

func dev(in *invocation, own *flag.FlagSet) func(context.Context) error {
	expose := own.Bool("expose", false, "also serve other machines and containers: anybody who can reach the address can do anything")
	serveData := own.Bool("serve-data", false, "open a database of `cenote serve`; anybody can then change it")
	functions := make(functionFlag)
	own.Var(functions, "function", "function that runs on this machine, name=folder with its handler; "+
		"if the name is that of a trigger, as in PreSignUp=folder, the pool calls it; may be given several times")
	ephemeral := own.Bool("ephemeral", false, "keep everything in memory, take a free port, print one line of JSON, and end with the process that started this one")
	seed := own.String("seed", "", "file with pools, clients, groups and users to create if they do not exist")
	return func(ctx context.Context) error {
		in.defaults = map[string]string{"account-pages": "true"}
		if *ephemeral {
			in.preset(map[string]string{"listen": "127.0.0.1:0", "log-level": "warn"})
			in.flags["database"] = "memory"
		}
		c, err := in.config()
		if err != nil {
			return err
		}
		c.AddFunctions(functions, "--function")
		s, err := server.New(ctx, server.Options{
			Config: c, Log: newLog(in.err, c), Dev: true, Environ: in.env, Version: programVersion(), Expose: *expose, OtherKind: *serveData, Attach: functions.triggers(),
			Seed: *seed,
		})
		if err != nil {
			return err
		}
		if *ephemeral {
			var cancel context.CancelFunc
			ctx, cancel = untilParentEnds(ctx)
			defer cancel()
			err = json.NewEncoder(in.out).Encode(ephemeralLine{
				URL: s.URL, Region: c.Region, PoolID: s.Dev.PoolID, ClientID: s.Dev.ClientID, AccessKeyID: "any", SecretAccessKey: "any",
				Inbox: s.InboxURL(), Pools: s.Dev.Seeded,
			})
		} else {
			err = template.Must(template.New("dev").Parse(devText)).Execute(in.out, map[string]any{
				"URL": s.URL, "Region": c.Region, "Pool": s.Dev.PoolID, "Client": s.Dev.ClientID, "Home": s.HomeURL(), "Inbox": s.InboxURL(),
				"Triggers": s.TriggersURL(), "Data": c.DataDir, "Functions": s.Dev.Functions, "Exposed": *expose, "Address": s.Address(),
				"Seeded": s.Dev.Seeded, "HTTPS": s.SecureURL(),
			})
		}
		if err != nil {
			in.remark("cenote: could not print: %v", err)
		}
		return s.Run(ctx)
	}
}

// ephemeralLine is what a program reads that starts a server for its tests. Its members are a contract.
type ephemeralLine struct {
	URL             string              `json:"url"`
	Region          string              `json:"region"`
	PoolID          string              `json:"poolId"`
	ClientID        string              `json:"clientId"`
	AccessKeyID     string              `json:"accessKeyId"`
	SecretAccessKey string              `json:"secretAccessKey"`
	Inbox           string              `json:"inbox"`
	Pools           []server.SeededPool `json:"pools,omitempty"` // of the seed file
}

// functionFlag collects functions: folders by name.
type functionFlag map[string]string

// String is empty: the flag has no default.
func (functionFlag) String() string { return "" }

// Set reads name=folder.
func (f functionFlag) Set(value string) error {
	name, folder, ok := strings.Cut(value, "=")
	if !ok || name == "" || folder == "" {
		return errors.New("is not of the form name=folder")
	}
	for _, t := range trigger.All() {
		if name != string(t) && strings.EqualFold(name, string(t)) {
			return fmt.Errorf("%q is not how the trigger is spelled: %s", name, t)
		}
	}
	f[name] = folder
	return nil
}

// triggers returns the triggers that functions are named like.
func (f functionFlag) triggers() []trigger.Trigger {
	var attached []trigger.Trigger
	for _, t := range trigger.All() {
		if _, ok := f[string(t)]; ok {
			attached = append(attached, t)
		}
	}
	return attached
}
