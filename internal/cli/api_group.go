package cli

import (
	"context"
	"flag"
	"strconv"

	"github.com/cenote-id/cenote/internal/wire"
)

func groupList(*flag.FlagSet) func(context.Context, *apiCall) error {
	return func(ctx context.Context, c *apiCall) error {
		all := &wire.ListGroupsOutput{Groups: []wire.GroupType{}}
		err := each(func(token string) (string, error) {
			out, err := call[wire.ListGroupsOutput](ctx, c, "ListGroups", paged(map[string]any{"UserPoolId": c.flags.pool}, "NextToken", token))
			if err != nil {
				return "", err
			}
			all.Groups = append(all.Groups, out.Groups...)
			return out.NextToken, nil
		})
		if err != nil {
			return err
		}
		rows := [][]string{{"NAME", "PRECEDENCE", "DESCRIPTION", "ROLE"}}
		for _, g := range all.Groups {
			precedence := ""
			if g.Precedence != nil {
				precedence = strconv.FormatInt(*g.Precedence, 10)
			}
			rows = append(rows, []string{g.GroupName, precedence, g.Description, g.RoleArn})
		}
		return c.show(all, table(rows))
	}
}

func groupCreate(own *flag.FlagSet) func(context.Context, *apiCall) error {
	description := own.String("description", "", "what the group is for")
	precedence := own.String("precedence", "", "number; among a user's groups, the lowest takes precedence")
	role := own.String("role", "", "ARN of an IAM role")
	return func(ctx context.Context, c *apiCall) error {
		params := c.group(c.args[0])
		if *precedence != "" {
			n, err := strconv.Atoi(*precedence)
			if err != nil {
				return &usageError{"--precedence: " + strconv.Quote(*precedence) + " is not a number", "Run 'cenote help group create' for its flags."}
			}
			params["Precedence"] = n
		}
		if *description != "" {
			params["Description"] = *description
		}
		if *role != "" {
			params["RoleArn"] = *role
		}
		out, err := call[wire.CreateGroupOutput](ctx, c, "CreateGroup", params)
		if err != nil {
			return err
		}
		return c.show(out, "")
	}
}

func (c *apiCall) group(name string) map[string]any {
	return map[string]any{"UserPoolId": c.flags.pool, "GroupName": name}
}

func groupDelete(own *flag.FlagSet) func(context.Context, *apiCall) error {
	yes := own.Bool("yes", false, "do not ask for confirmation")
	return func(ctx context.Context, c *apiCall) error {
		if err := c.sure(ctx, *yes, c.args[0]); err != nil {
			return err
		}
		_, err := call[wire.DeleteGroupOutput](ctx, c, "DeleteGroup", c.group(c.args[0]))
		return err
	}
}

func groupAdd(*flag.FlagSet) func(context.Context, *apiCall) error {
	return func(ctx context.Context, c *apiCall) error {
		params := c.group(c.args[0])
		params["Username"] = c.args[1]
		_, err := call[wire.AdminAddUserToGroupOutput](ctx, c, "AdminAddUserToGroup", params)
		return err
	}
}

func groupRemove(*flag.FlagSet) func(context.Context, *apiCall) error {
	return func(ctx context.Context, c *apiCall) error {
		params := c.group(c.args[0])
		params["Username"] = c.args[1]
		_, err := call[wire.AdminRemoveUserFromGroupOutput](ctx, c, "AdminRemoveUserFromGroup", params)
		return err
	}
}
