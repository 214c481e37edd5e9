package cli

import (
	"context"
	"flag"
	"strconv"
	"strings"

	"github.com/cenote-id/cenote/internal/wire"
)

func usersList(own *flag.FlagSet) func(context.Context, *apiCall) error {
	filter := own.String("filter", "", `filter of ListUsers, such as 'email ^= "ann"' or 'cognito:user_status = "UNCONFIRMED"'`)
	order := own.String("sort", "", "attribute to sort by, username, created or modified; a leading minus, as in -created, reverses; needs a server with extended-filters")
	group := own.String("group", "", "only the users of this group")
	limit := own.String("limit", "", "list at most this many")
	return func(ctx context.Context, c *apiCall) error {
		most := -1
		if *limit != "" {
			n, err := strconv.Atoi(*limit)
			if err != nil || n < 1 {
				return &usageError{"--limit: " + strconv.Quote(*limit) + " is not a number above 0", "Run 'cenote help users list' for its flags."}
			}
			most = n
		}
		operation, token := "ListUsers", "PaginationToken"
		params := map[string]any{"UserPoolId": c.flags.pool}
		switch {
		case *group != "" && (*filter != "" || *order != ""):
			return &usageError{"--group goes with neither --filter nor --sort", "Run 'cenote help users list' for its flags."}
		case *group != "":
			operation, token, params["GroupName"] = "ListUsersInGroup", "NextToken", *group
		case *order != "":
			field, reverse := strings.CutPrefix(*order, "-")
			text := strings.TrimSpace(*filter + " sort by " + field)
			if reverse {
				text += " desc"
			}
			params["Filter"] = text
		case *filter != "":
			params["Filter"] = *filter
		}
		all := &wire.ListUsersOutput{Users: []wire.UserType{}}
		err := each(func(at string) (string, error) {
			out, err := call[userPage](ctx, c, operation, paged(params, token, at))
			if err != nil {
				return "", err
			}
			all.Users = append(all.Users, out.Users...)
			c.progress("%d users", len(all.Users))
			if most >= 0 && len(all.Users) >= most {
				all.Users = all.Users[:most]
				return "", nil
			}
			return out.PaginationToken + out.NextToken, nil
		})
		c.progressEnds()
		if err != nil {
			return err
		}
		rows := [][]string{{"USERNAME", "STATUS", "ENABLED", "E-MAIL", "PHONE", "CREATED"}}
		for _, u := range all.Users {
			rows = append(rows, []string{
				u.Username, u.UserStatus, yesNo(wire.Value(u.Enabled, false)), value(u.Attributes, "email"), value(u.Attributes, "phone_number"), stamp(u.UserCreateDate.Time),
			})
		}
		return c.show(all, table(rows))
	}
}

// userPage is a page of ListUsers or of ListUsersInGroup.
type userPage struct {
	Users                      []wire.UserType
	PaginationToken, NextToken string
}

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

func value(list []wire.AttributeType, name string) string {
	for _, a := range list {
		if a.Name == name {
			return a.Value
		}
	}
	return ""
}

// user are the parameters that name a user.
func (c *apiCall) user(name string) map[string]any {
	return map[string]any{"UserPoolId": c.flags.pool, "Username": name}
}

func usersShow(*flag.FlagSet) func(context.Context, *apiCall) error {
	return func(ctx context.Context, c *apiCall) error {
		out, err := call[wire.AdminGetUserOutput](ctx, c, "AdminGetUser", c.user(c.args[0]))
		if err != nil {
			return err
		}
		rows := [][]string{{"username", out.Username}, {"status", out.UserStatus}, {"enabled", yesNo(wire.Value(out.Enabled, false))}}
		for _, a := range out.UserAttributes {
			rows = append(rows, []string{a.Name, a.Value})
		}
		if len(out.UserMFASettingList) > 0 {
			rows = append(rows, []string{"second factors", strings.Join(out.UserMFASettingList, ", ")})
		}
		return c.show(out, table(rows))
	}
}

func usersCreate(own *flag.FlagSet) func(context.Context, *apiCall) error {
	var attributes pairsFlag
	own.Var(&attributes, "attribute", "attribute of the user, name=value; may be given again")
	silent := own.Bool("no-invitation", false, "send no invitation")
	medium := choice(own, "invite-by", []string{"EMAIL", "SMS"}, "EMAIL or SMS")
	password := own.Bool("password", false, "ask for a permanent password, instead of sending a temporary one with the invitation")
	return func(ctx context.Context, c *apiCall) error {
		params := c.user(c.args[0])
		if len(attributes) > 0 {
			params["UserAttributes"] = attributes
		}
		if *silent || *password {
			params["MessageAction"] = "SUPPRESS"
		}
		if *medium != "" {
			params["DesiredDeliveryMediums"] = []string{strings.ToUpper(*medium)}
		}
		chosen := ""
		if *password {
			var err error
			if chosen, err = c.askNewPassword(ctx); err != nil {
				return err
			}
		}
		out, err := call[wire.AdminCreateUserOutput](ctx, c, "AdminCreateUser", params)
		if err != nil {
			return err
		}
		if chosen != "" {
			if err := c.setPassword(ctx, c.args[0], chosen, true); err != nil {
				return err
			}
		}
		return c.show(out, out.User.Username+"\n")
	}
}

func (c *apiCall) setPassword(ctx context.Context, name, password string, stays bool) error {
	params := c.user(name)
	params["Password"], params["Permanent"] = password, stays
	_, err := call[wire.AdminSetUserPasswordOutput](ctx, c, "AdminSetUserPassword", params)
	return err
}

func usersPasswd(own *flag.FlagSet) func(context.Context, *apiCall) error {
	temporary := own.Bool("temporary", false, "require the user to choose another one at the next sign-in")
	return func(ctx context.Context, c *apiCall) error {
		password, err := c.askNewPassword(ctx)
		if err != nil {
			return err
		}
		return c.setPassword(ctx, c.args[0], password, !*temporary)
	}
}

// usersDo makes a command of an operation that takes a user and answers nothing.
func usersDo(operation string) func(*flag.FlagSet) func(context.Context, *apiCall) error {
	return func(*flag.FlagSet) func(context.Context, *apiCall) error {
		return func(ctx context.Context, c *apiCall) error {
			_, err := call[struct{}](ctx, c, operation, c.user(c.args[0]))
			return err
		}
	}
}

func usersDelete(own *flag.FlagSet) func(context.Context, *apiCall) error {
	yes := own.Bool("yes", false, "do not ask for confirmation")
	return func(ctx context.Context, c *apiCall) error {
		if err := c.sure(ctx, *yes, c.args[0]); err != nil {
			return err
		}
		_, err := call[struct{}](ctx, c, "AdminDeleteUser", c.user(c.args[0]))
		return err
	}
}
