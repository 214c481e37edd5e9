package cli

import (
	"context"
	"flag"
	"strings"

	"github.com/cenote-id/cenote/internal/wire"
)

func clientList(*flag.FlagSet) func(context.Context, *apiCall) error {
	return func(ctx context.Context, c *apiCall) error {
		all := &wire.ListUserPoolClientsOutput{UserPoolClients: []wire.UserPoolClientDescription{}}
		err := each(func(token string) (string, error) {
			out, err := call[wire.ListUserPoolClientsOutput](ctx, c, "ListUserPoolClients",
				paged(map[string]any{"UserPoolId": c.flags.pool, "MaxResults": 60}, "NextToken", token))
			if err != nil {
				return "", err
			}
			all.UserPoolClients = append(all.UserPoolClients, out.UserPoolClients...)
			return out.NextToken, nil
		})
		if err != nil {
			return err
		}
		rows := [][]string{{"ID", "NAME"}}
		for _, client := range all.UserPoolClients {
			rows = append(rows, []string{client.ClientId, client.ClientName})
		}
		return c.show(all, table(rows))
	}
}

func (c *apiCall) client(id string) map[string]any {
	return map[string]any{"UserPoolId": c.flags.pool, "ClientId": id}
}

func clientShow(*flag.FlagSet) func(context.Context, *apiCall) error {
	return func(ctx context.Context, c *apiCall) error {
		out, err := call[wire.DescribeUserPoolClientOutput](ctx, c, "DescribeUserPoolClient", c.client(c.args[0]))
		if err != nil {
			return err
		}
		client := out.UserPoolClient
		secret := "none"
		if client.ClientSecret != "" {
			secret = "has one; --json shows it"
		}
		return c.show(out, table([][]string{
			{"id", client.ClientId},
			{"name", client.ClientName},
			{"secret", secret},
			{"flows", strings.Join(client.ExplicitAuthFlows, ", ")},
			{"callback URLs", strings.Join(client.CallbackURLs, ", ")},
			{"scopes", strings.Join(client.AllowedOAuthScopes, ", ")},
		}))
	}
}

// clientFlows are the flows that a new client can be allowed; older names of the API for them are not offered.
var clientFlows = []string{
	wire.ExplicitAuthFlowsAllowUserAuth, wire.ExplicitAuthFlowsAllowUserSRPAuth, wire.ExplicitAuthFlowsAllowUserPasswordAuth,
	wire.ExplicitAuthFlowsAllowAdminUserPasswordAuth, wire.ExplicitAuthFlowsAllowCustomAuth, wire.ExplicitAuthFlowsAllowRefreshTokenAuth,
	wire.ExplicitAuthFlowsAllowClientTokenAuth,
}

func clientCreate(own *flag.FlagSet) func(context.Context, *apiCall) error {
	settings := own.String("settings", "", settingsHelp)
	secret := own.Bool("secret", false, "generate a client secret and print it")
	var flows []string
	choices(own, &flows, "flow", clientFlows, "flow to allow, such as ALLOW_USER_SRP_AUTH; may be given again")
	return func(ctx context.Context, c *apiCall) error {
		more := map[string]any{"UserPoolId": c.flags.pool, "ClientName": c.args[0]}
		if *secret {
			more["GenerateSecret"] = true
		}
		if flows != nil {
			more["ExplicitAuthFlows"] = flows
		}
		params, err := parameters(*settings, more)
		if err != nil {
			return err
		}
		out, err := call[wire.CreateUserPoolClientOutput](ctx, c, "CreateUserPoolClient", params)
		if err != nil {
			return err
		}
		text := out.UserPoolClient.ClientId + "\n"
		if s := out.UserPoolClient.ClientSecret; s != "" {
			text = secretLines(out.UserPoolClient.ClientId, s)
		}
		return c.show(out, text)
	}
}

func clientDelete(own *flag.FlagSet) func(context.Context, *apiCall) error {
	yes := own.Bool("yes", false, "do not ask for confirmation")
	return func(ctx context.Context, c *apiCall) error {
		if err := c.sure(ctx, *yes, c.args[0]); err != nil {
			return err
		}
		_, err := call[wire.DeleteUserPoolClientOutput](ctx, c, "DeleteUserPoolClient", c.client(c.args[0]))
		return err
	}
}
