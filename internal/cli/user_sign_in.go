package cli

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/mdp/qrterminal/v3"

	"github.com/cenote-id/cenote/client"
)

// flows are the names of --flow.
var flows = map[string]client.Flow{
	"srp": client.FlowSRP, "password": client.FlowPassword, "custom": client.FlowCustom, "choice": client.FlowChoice,
}

func userSignIn(own *flag.FlagSet) func(context.Context, *userCall) error {
	flow := choice(own, "flow", slices.Sorted(maps.Keys(flows)), "srp, password, custom or choice (srp; choice with --factor)")
	factor := choice(own, "factor", []string{"PASSWORD_SRP", "EMAIL_OTP", "SMS_OTP"}, "first factor of --flow choice: PASSWORD_SRP, EMAIL_OTP, SMS_OTP")
	return func(ctx context.Context, u *userCall) error {
		if *factor != "" {
			*flow = cmp.Or(*flow, "choice")
		}
		chosen, ok := flows[strings.ToLower(cmp.Or(*flow, "srp"))]
		if !ok {
			return &usageError{fmt.Sprintf("--flow: %q is none of %s", *flow, strings.Join(slices.Sorted(maps.Keys(flows)), ", ")), "Run 'cenote help user sign-in' for its flags."}
		}
		if *factor != "" && chosen != client.FlowChoice {
			return &usageError{"--factor goes with --flow choice only", "Run 'cenote help user sign-in' for its flags."}
		}
		username, err := u.username(ctx)
		if err != nil {
			return err
		}
		in := client.SignIn{Flow: chosen, Prefer: client.Factor(strings.ToUpper(*factor))}
		if chosen == client.FlowSRP || chosen == client.FlowPassword {
			if in.Password, err = u.askSecret(ctx, "Password"); err != nil {
				return err
			}
		}
		user := u.pool.User(username)
		result, err := user.SignIn(ctx, in)
		for err == nil && result.Session == nil {
			result, err = u.answer(ctx, user, result.Challenge)
		}
		if err != nil {
			return err
		}
		if err := u.flags.keep(); err != nil {
			return err
		}
		if result.UserConfirmationNecessary {
			u.remark("This device can be remembered: cenote user devices --remember")
		}
		name := user.Username()
		if name != username {
			name = username + " (" + name + ")"
		}
		return u.show(map[string]any{"username": user.Username(), "expires": result.Session.Expires().UTC()}, "signed in as "+printable(name)+"\n")
	}
}

// username is the argument, or asked for.
func (u *userCall) username(ctx context.Context) (string, error) {
	if len(u.args) > 0 {
		return u.args[0], nil
	}
	return u.ask(ctx, "Username")
}

// answer asks the person at the terminal what the server asks.
func (u *userCall) answer(ctx context.Context, user *client.User, challenge client.Challenge) (*client.Result, error) {
	switch c := challenge.(type) {
	case *client.NewPasswordRequired:
		u.remark("A new password is required.")
		return u.answerNewPassword(ctx, c)
	case *client.CodeRequired:
		return u.answerCode(ctx, c)
	case *client.SelectMFA:
		choice, err := u.pick(ctx, "Second factor", texts(c.Choices))
		if err != nil {
			return nil, err
		}
		return c.Choose(ctx, client.MFAType(choice))
	case *client.MFASetup:
		return u.setUp(ctx, user, c)
	case *client.SelectChallenge:
		return u.choose(ctx, c)
	case *client.PasswordRequired:
		password, err := u.askSecret(ctx, "Password")
		if err != nil {
			return nil, err
		}
		return c.Answer(ctx, password)
	case *client.CustomChallenge:
		for _, name := range slices.Sorted(maps.Keys(c.Parameters)) {
			if name != "USERNAME" {
				u.remark("%s: %s", name, c.Parameters[name])
			}
		}
		answer, err := u.ask(ctx, "Answer")
		if err != nil {
			return nil, err
		}
		return c.Answer(ctx, answer)
	case *client.PasskeyRequired:
		return nil, errors.New("a passkey needs a browser; choose another factor with --factor")
	}
	return nil, fmt.Errorf("the server asks for %s, which cannot be answered here", challenge.Name())
}

// answerNewPassword asks for a new password, again when one that was typed at the terminal breaks the policy of the pool.
func (u *userCall) answerNewPassword(ctx context.Context, c *client.NewPasswordRequired) (*client.Result, error) {
	var attributes []client.Attribute
	for {
		password, err := u.askNewPassword(ctx)
		if err != nil {
			return nil, err
		}
		for _, name := range c.RequiredAttributes[len(attributes):] {
			value, err := u.ask(ctx, name)
			if err != nil {
				return nil, err
			}
			attributes = append(attributes, client.Attribute{Name: name, Value: value})
		}
		result, err := c.Answer(ctx, password, attributes...)
		var refused *client.Error
		if _, interactive := u.terminal(); !interactive || !errors.As(err, &refused) || refused.Code != "InvalidPasswordException" {
			return result, err
		}
		u.remark("%s", refused.Message)
	}
}

// answerCode asks for a code, again when it was mistyped at the terminal.
func (u *userCall) answerCode(ctx context.Context, c *client.CodeRequired) (*client.Result, error) {
	label := "Code of the authenticator app"
	if c.Destination != "" {
		label = "Code sent to " + c.Destination
	}
	for {
		code, err := u.ask(ctx, label)
		if err != nil {
			return nil, err
		}
		result, err := c.Answer(ctx, code)
		if u.mistyped(err) {
			continue
		}
		return result, err
	}
}

// mistyped reports whether a person typed a wrong code and can try again, and says so.
func (u *userCall) mistyped(err error) bool {
	_, interactive := u.terminal()
	code := client.Code(err)
	if !interactive || code != "CodeMismatchException" && code != "EnableSoftwareTokenMFAException" {
		return false
	}
	u.remark("That code is wrong.")
	return true
}

// choose asks which first factor to use, among those that a terminal can answer.
func (u *userCall) choose(ctx context.Context, c *client.SelectChallenge) (*client.Result, error) {
	var can []string
	for _, f := range c.Available {
		if f != client.FactorPasskey && !(f == client.FactorPassword && slices.Contains(c.Available, client.FactorPasswordSRP)) {
			can = append(can, string(f))
		}
	}
	if can == nil {
		return nil, errors.New("the server offers only passkeys, which need a browser")
	}
	choice, err := u.pick(ctx, "Sign in with", can)
	if err != nil {
		return nil, err
	}
	if !strings.HasPrefix(choice, "PASSWORD") {
		return c.Choose(ctx, client.Factor(choice))
	}
	password, err := u.askSecret(ctx, "Password")
	if err != nil {
		return nil, err
	}
	return c.Password(ctx, password)
}

// setUp has a user without a second factor set one up.
func (u *userCall) setUp(ctx context.Context, user *client.User, c *client.MFASetup) (*client.Result, error) {
	u.remark("A second factor is required.")
	choice, err := u.pick(ctx, "Set up", texts(c.CanSetUp))
	if err != nil {
		return nil, err
	}
	switch client.MFAType(choice) {
	case client.MFASoftwareToken:
		token, err := c.AssociateSoftwareToken(ctx)
		if err != nil {
			return nil, err
		}
		return u.verify(ctx, user, token)
	case client.MFAEmail:
		address, err := u.ask(ctx, "E-mail address")
		if err != nil {
			return nil, err
		}
		return c.SetEmail(ctx, address)
	case client.MFASMS:
	}
	return nil, fmt.Errorf("%s cannot be set up here: it needs a phone number that an administrator sets", choice)
}

// verify shows the secret of an authenticator app as a QR code and in letters, and asks for its first code.
func (u *userCall) verify(ctx context.Context, user *client.User, token *client.SoftwareToken) (*client.Result, error) {
	if u.showQR(token.URI(u.pool.Name(), account(ctx, user))) {
		u.remark("Scan this with an authenticator app, or type in the secret: %s", token.Secret)
	} else {
		u.remark("The terminal is too narrow for a QR code. Type the secret into an authenticator app: %s", token.Secret)
	}
	for {
		code, err := u.ask(ctx, "Code of the authenticator app")
		if err != nil {
			return nil, err
		}
		result, err := token.Verify(ctx, code, "")
		if u.mistyped(err) {
			continue
		}
		return result, err
	}
}

// showQR draws a QR code, unless its lines would wrap. It reports whether it did.
func (u *userCall) showQR(text string) bool {
	var picture strings.Builder
	qrterminal.GenerateWithConfig(text, qrterminal.Config{
		Level: qrterminal.L, Writer: &picture, HalfBlocks: true, BlackChar: qrterminal.BLACK_BLACK, WhiteChar: qrterminal.WHITE_WHITE,
		BlackWhiteChar: qrterminal.BLACK_WHITE, WhiteBlackChar: qrterminal.WHITE_BLACK, QuietZone: 2, // half a margin, so that all the rest fits 24 lines
	})
	for line := range strings.Lines(picture.String()) {
		line = strings.TrimSuffix(line, "\n")
		if columns, ok := columns(u.err); ok {
			if utf8.RuneCountInString(line) > columns {
				return false
			}
			line = "\x1b[97;40m" + line + "\x1b[0m" // white on black, whatever the colours of the terminal
		}
		_, _ = io.WriteString(u.err, line+"\n")
	}
	return true
}

// account is what an authenticator app calls the account: the e-mail address, where the user is signed in and has one.
func account(ctx context.Context, user *client.User) string {
	if session, err := user.StoredSession(ctx); err == nil {
		if email, ok := session.IDToken.Claims()["email"].(string); ok {
			return email
		}
	}
	return user.Username()
}

// texts returns the words of typed ones.
func texts[T ~string](list []T) []string {
	var words []string
	for _, item := range list {
		words = append(words, string(item))
	}
	return words
}

func userSignOut(own *flag.FlagSet) func(context.Context, *userCall) error {
	everywhere := own.Bool("everywhere", false, "end all sessions of the user, on all devices")
	return func(ctx context.Context, u *userCall) error {
		user, err := u.current(ctx)
		if err != nil {
			return err
		}
		if *everywhere {
			return user.GlobalSignOut(ctx)
		}
		return user.SignOutAndRevoke(ctx)
	}
}

func userDelete(own *flag.FlagSet) func(context.Context, *userCall) error {
	yes := own.Bool("yes", false, "do not ask for confirmation")
	return func(ctx context.Context, u *userCall) error {
		user, err := u.current(ctx)
		if err != nil {
			return err
		}
		if !*yes {
			answer, err := u.ask(ctx, "Type "+user.Username()+" to delete the account for good")
			if err != nil {
				return err
			}
			if answer != user.Username() {
				return errors.New("nothing was deleted")
			}
		}
		return user.Delete(ctx)
	}
}
