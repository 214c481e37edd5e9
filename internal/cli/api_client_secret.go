package cli

import (
	"context"
	"flag"

	"github.com/cenote-id/cenote/internal/wire"
)

func clientListSecrets(*flag.FlagSet) func(context.Context, *apiCall) error {
	return func(ctx context.Context, c *apiCall) error {
		all := &wire.ListUserPoolClientSecretsOutput{ClientSecrets: []wire.ClientSecretDescriptorType{}}
		err := each(func(token string) (string, error) {
			out, err := call[wire.ListUserPoolClientSecretsOutput](ctx, c, "ListUserPoolClientSecrets", paged(c.client(c.args[0]), "NextToken", token))
			if err != nil {
				return "", err
			}
			all.ClientSecrets = append(all.ClientSecrets, out.ClientSecrets...)
			return out.NextToken, nil
		})
		if err != nil {
			return err
		}
		rows := [][]string{{"SECRET", "CREATED"}}
		for _, s := range all.ClientSecrets {
			rows = append(rows, []string{s.ClientSecretId, stamp(s.ClientSecretCreateDate.Time)})
		}
		return c.show(all, table(rows))
	}
}

func clientAddSecret(*flag.FlagSet) func(context.Context, *apiCall) error {
	return func(ctx context.Context, c *apiCall) error {
		out, err := call[wire.AddUserPoolClientSecretOutput](ctx, c, "AddUserPoolClientSecret", c.client(c.args[0]))
		if err != nil {
			return err
		}
		made := wire.Value(out.ClientSecretDescriptor, wire.ClientSecretDescriptorType{})
		return c.show(out, secretLines(c.args[0], made.ClientSecretValue))
	}
}

// secretLines are a client and its secret as variables of the environment.
func secretLines(client, secret string) string {
	return "CENOTE_CLIENT_ID=" + client + "\nCENOTE_CLIENT_SECRET=" + secret + "\n"
}

func clientDeleteSecret(own *flag.FlagSet) func(context.Context, *apiCall) error {
	yes := own.Bool("yes", false, "do not ask for confirmation")
	return func(ctx context.Context, c *apiCall) error {
		if err := c.sure(ctx, *yes, c.args[1]); err != nil {
			return err
		}
		params := c.client(c.args[0])
		params["ClientSecretId"] = c.args[1]
		_, err := call[wire.DeleteUserPoolClientSecretOutput](ctx, c, "DeleteUserPoolClientSecret", params)
		return err
	}
}
