package cli

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/cenote-id/cenote/internal/wire"
)

// settingsHelp explains --settings.
const settingsHelp = "file with more parameters of the operation as JSON, by the names of the API"

// parameters reads the file of --settings and adds what the command line says.
func parameters(file string, more map[string]any) (map[string]any, error) {
	all := map[string]any{}
	if file != "" {
		text, err := os.ReadFile(file)
		if err == nil {
			err = wire.Unmarshal(text, &all)
		}
		if err != nil {
			return nil, fmt.Errorf("--settings: %s: %w", file, err)
		}
	}
	for name, value := range more {
		all[name] = value
	}
	return all, nil
}

// each walks through the pages of a list.
func each(page func(token string) (next string, err error)) error {
	for token := ""; ; {
		next, err := page(token)
		if err != nil || next == "" {
			return err
		}
		token = next
	}
}

// paged adds a token to parameters, where there is one.
func paged(params map[string]any, name, token string) map[string]any {
	if token != "" {
		params[name] = token
	}
	return params
}

func poolShow(*flag.FlagSet) func(context.Context, *apiCall) error {
	return func(ctx context.Context, c *apiCall) error {
		out, err := call[wire.DescribeUserPoolOutput](ctx, c, "DescribeUserPool", map[string]any{"UserPoolId": c.args[0]})
		if err != nil {
			return err
		}
		p := out.UserPool
		return c.show(out, table([][]string{
			{"id", p.Id},
			{"name", p.Name},
			{"ARN", p.Arn},
			{"users", strconv.FormatInt(wire.Value(p.EstimatedNumberOfUsers, 0), 10)},
			{"MFA", p.MfaConfiguration},
			{"sign in with", cmp.Or(strings.Join(p.UsernameAttributes, ", "), "username")},
			{"aliases", strings.Join(p.AliasAttributes, ", ")},
			{"created", stamp(p.CreationDate.Time)},
			{"changed", stamp(p.LastModifiedDate.Time)},
		}))
	}
}

func poolCreate(own *flag.FlagSet) func(context.Context, *apiCall) error {
	settings := own.String("settings", "", settingsHelp)
	return func(ctx context.Context, c *apiCall) error {
		params, err := parameters(*settings, map[string]any{"PoolName": c.args[0]})
		if err != nil {
			return err
		}
		out, err := call[wire.CreateUserPoolOutput](ctx, c, "CreateUserPool", params)
		if err != nil {
			return err
		}
		return c.show(out, out.UserPool.Id+"\n")
	}
}

// sure asks before something is deleted for good.
func (c *apiCall) sure(ctx context.Context, yes bool, what string) error {
	if yes {
		return nil
	}
	answer, err := c.ask(ctx, "Type "+what+" to delete it for good")
	if err == nil && answer != what {
		err = errors.New("nothing was deleted")
	}
	return err
}

func poolDelete(own *flag.FlagSet) func(context.Context, *apiCall) error {
	yes := own.Bool("yes", false, "do not ask for confirmation")
	return func(ctx context.Context, c *apiCall) error {
		if err := c.sure(ctx, *yes, c.args[0]); err != nil {
			return err
		}
		_, err := call[wire.DeleteUserPoolOutput](ctx, c, "DeleteUserPool", map[string]any{"UserPoolId": c.args[0]})
		return err
	}
}
