package cli

import (
	"context"
	"flag"
	"fmt"

	"github.com/cenote-id/cenote/client"
)

func userSignUp(own *flag.FlagSet) func(context.Context, *userCall) error {
	var attributes pairsFlag
	own.Var(&attributes, "attribute", "attribute of the user, name=value; may be given again")
	return func(ctx context.Context, u *userCall) error {
		password, err := u.askNewPassword(ctx)
		if err != nil {
			return err
		}
		made, err := u.pool.SignUp(ctx, client.SignUp{Username: u.args[0], Password: password, Attributes: attributes})
		if err != nil {
			return err
		}
		u.sentTo(made.CodeDelivery)
		if !made.Confirmed {
			u.remark("Confirm it with: cenote user confirm %s CODE", u.args[0])
		}
		return u.show(map[string]any{"sub": made.Sub, "confirmed": made.Confirmed}, printable(made.Sub)+"\n")
	}
}

func userConfirm(own *flag.FlagSet) func(context.Context, *userCall) error {
	force := own.Bool("force-alias", false, "take over an address that another user has as an alias")
	return func(ctx context.Context, u *userCall) error {
		return u.pool.User(u.args[0]).ConfirmRegistration(ctx, u.args[1], *force)
	}
}

func userResend(*flag.FlagSet) func(context.Context, *userCall) error {
	return func(ctx context.Context, u *userCall) error {
		sent, err := u.pool.User(u.args[0]).ResendConfirmationCode(ctx)
		if err != nil {
			return err
		}
		return u.show(sent, fmt.Sprintf("sent to %s\n", printable(sent.Destination)))
	}
}

func userForgot(*flag.FlagSet) func(context.Context, *userCall) error {
	return func(ctx context.Context, u *userCall) error {
		user := u.pool.User(u.args[0])
		sent, err := user.ForgotPassword(ctx)
		if err != nil {
			return err
		}
		u.sentTo(sent)
		code, err := u.ask(ctx, "Code")
		if err != nil {
			return err
		}
		password, err := u.askNewPassword(ctx)
		if err != nil {
			return err
		}
		return user.ConfirmPassword(ctx, code, password)
	}
}

func userPasswd(*flag.FlagSet) func(context.Context, *userCall) error {
	return func(ctx context.Context, u *userCall) error {
		user, err := u.current(ctx)
		if err != nil {
			return err
		}
		old, err := u.askSecret(ctx, "Old password")
		if err != nil {
			return err
		}
		password, err := u.askNewPassword(ctx)
		if err != nil {
			return err
		}
		return user.ChangePassword(ctx, old, password)
	}
}
