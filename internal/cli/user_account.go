package cli

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/cenote-id/cenote/client"
)

func userWhoami(*flag.FlagSet) func(context.Context, *userCall) error {
	return func(ctx context.Context, u *userCall) error {
		user, err := u.current(ctx)
		if err != nil {
			return err
		}
		data, err := user.FetchData(ctx)
		if err != nil {
			return err
		}
		rows := [][]string{{"username", data.Username}}
		for _, a := range data.UserAttributes {
			rows = append(rows, []string{a.Name, a.Value})
		}
		if len(data.MFA) > 0 {
			rows = append(rows, []string{"second factors", strings.Join(texts(data.MFA), ", ")})
		}
		return u.show(data, table(rows))
	}
}

func userToken(own *flag.FlagSet) func(context.Context, *userCall) error {
	id := own.Bool("id", false, "print the ID token instead of the access token")
	claims := own.Bool("claims", false, "print the claims instead of the token")
	fresh := own.Bool("refresh", false, "refresh even if the token is still valid")
	return func(ctx context.Context, u *userCall) error {
		user, err := u.current(ctx)
		if err != nil {
			return err
		}
		get := user.Session
		if *fresh {
			get = user.RefreshSession
		}
		session, err := get(ctx)
		if err != nil {
			return err
		}
		token := session.AccessToken
		if *id {
			token = session.IDToken
		}
		if *claims {
			return u.printJSON(token.Claims())
		}
		return u.show(map[string]any{"token": token.JWT(), "expires": token.Expires().UTC()}, token.JWT()+"\n")
	}
}

func userAttributes(own *flag.FlagSet) func(context.Context, *userCall) error {
	var changes pairsFlag
	own.Var(&changes, "set", "change an attribute, name=value; may be given again")
	var gone []string
	own.Func("delete", "delete an attribute; may be given again", listFlag(&gone))
	verify := choice(own, "verify", []string{"email", "phone_number"}, "have a code sent to email or phone_number, and ask for it")
	return func(ctx context.Context, u *userCall) error {
		user, err := u.current(ctx)
		if err != nil {
			return err
		}
		if len(changes) > 0 {
			sent, err := user.UpdateAttributes(ctx, changes...)
			if err != nil {
				return err
			}
			for _, d := range sent {
				u.sentTo(&d)
			}
		}
		if len(gone) > 0 {
			if err := user.DeleteAttributes(ctx, gone...); err != nil {
				return err
			}
		}
		if *verify != "" {
			return u.verifyAttribute(ctx, user, *verify)
		}
		if len(changes)+len(gone) > 0 {
			return nil
		}
		attributes, err := user.Attributes(ctx)
		if err != nil {
			return err
		}
		var rows [][]string
		for _, a := range attributes {
			rows = append(rows, []string{a.Name, a.Value})
		}
		return u.show(attributes, table(rows))
	}
}

func (u *userCall) verifyAttribute(ctx context.Context, user *client.User, name string) error {
	sent, err := user.AttributeVerificationCode(ctx, name)
	if err != nil {
		return err
	}
	u.sentTo(sent)
	code, err := u.ask(ctx, "Code")
	if err != nil {
		return err
	}
	return user.VerifyAttribute(ctx, name, code)
}

func userMFA(own *flag.FlagSet) func(context.Context, *userCall) error {
	setUp := own.Bool("set-up", false, "set up an authenticator app: show a QR code, ask for a code")
	var on, off []string
	factors := []string{"totp", "sms", "email"}
	choices(own, &on, "enable", factors, "turn on totp, sms or email; may be given again")
	choices(own, &off, "disable", factors, "turn off totp, sms or email; may be given again")
	prefer := choice(own, "prefer", factors, "ask for totp, sms or email first; turns it on")
	return func(ctx context.Context, u *userCall) error {
		change, err := mfaChange(on, off, *prefer)
		if err != nil {
			return err
		}
		user, err := u.current(ctx)
		if err != nil {
			return err
		}
		if *setUp {
			token, err := user.AssociateSoftwareToken(ctx)
			if err != nil {
				return err
			}
			if _, err := u.verify(ctx, user, token); err != nil {
				return err
			}
			if change.SoftwareToken == nil {
				change.SoftwareToken = &client.MFASetting{Enabled: true}
			}
		}
		if change != (client.MFAPreference{}) {
			return user.SetMFAPreference(ctx, change)
		}
		factors, err := user.AuthFactors(ctx)
		if err != nil {
			return err
		}
		return u.show(factors, table([][]string{
			{"first factors", strings.Join(texts(factors.First), ", ")},
			{"second factors", cmp.Or(strings.Join(texts(factors.MFA), ", "), "none")},
			{"preferred", cmp.Or(string(factors.PreferredMFA), "none")},
		}))
	}
}

// mfaChange reads the names of factors.
func mfaChange(on, off []string, prefer string) (change client.MFAPreference, err error) {
	set := func(name string, setting client.MFASetting) error {
		switch strings.ToLower(name) {
		case "totp":
			change.SoftwareToken = &setting
		case "sms":
			change.SMS = &setting
		case "email":
			change.Email = &setting
		default:
			return &usageError{fmt.Sprintf("%q is not totp, sms or email", name), "Run 'cenote help user mfa' for its flags."}
		}
		return nil
	}
	for _, name := range off {
		if err := set(name, client.MFASetting{}); err != nil {
			return change, err
		}
	}
	for _, name := range on {
		if err := set(name, client.MFASetting{Enabled: true}); err != nil {
			return change, err
		}
	}
	if prefer != "" {
		return change, set(prefer, client.MFASetting{Enabled: true, Preferred: true})
	}
	return change, nil
}

func userDevices(own *flag.FlagSet) func(context.Context, *userCall) error {
	forget := own.String("forget", "", "forget the device with this key; 'this' is the current device")
	remember := own.Bool("remember", false, "let this device stand in for a second factor")
	not := own.Bool("do-not-remember", false, "stop this device from standing in for a second factor")
	return func(ctx context.Context, u *userCall) error {
		user, err := u.current(ctx)
		if err != nil {
			return err
		}
		switch {
		case *remember:
			return user.RememberDevice(ctx)
		case *not:
			return user.DoNotRememberDevice(ctx)
		case *forget == "this":
			return user.ForgetDevice(ctx)
		case *forget != "":
			return user.ForgetSpecificDevice(ctx, *forget)
		}
		own, err := user.DeviceKey(ctx)
		if err != nil {
			return err
		}
		all := []client.Device{}
		for token := ""; ; {
			page, err := user.ListDevices(ctx, 60, token)
			if err != nil {
				return err
			}
			all = append(all, page.Devices...)
			if token = page.NextToken; token == "" {
				break
			}
		}
		rows := [][]string{{"KEY", "NAME", "STATUS", "LAST USED", ""}}
		for _, d := range all {
			this := ""
			if d.Key == own {
				this = "this device"
			}
			rows = append(rows, []string{d.Key, attribute(d.Attributes, "device_name"), attribute(d.Attributes, "device_status"), stamp(d.LastAuthenticated), this})
		}
		return u.show(all, table(rows))
	}
}

func attribute(list []client.Attribute, name string) string {
	i := slices.IndexFunc(list, func(a client.Attribute) bool { return a.Name == name })
	if i < 0 {
		return ""
	}
	return list[i].Value
}

func stamp(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.UTC().Format(time.RFC3339)
}

func userSessions(own *flag.FlagSet) func(context.Context, *userCall) error {
	revoke := own.String("revoke", "", "end the session with this id")
	return func(ctx context.Context, u *userCall) error {
		user, err := u.current(ctx)
		if err != nil {
			return err
		}
		if *revoke != "" {
			return user.RevokeSession(ctx, *revoke)
		}
		all, err := user.ActiveSessions(ctx)
		if err != nil {
			return err
		}
		rows := [][]string{{"ID", "DEVICE", "ADDRESS", "LAST ACTIVE", ""}}
		for _, s := range all {
			this := ""
			if s.Current {
				this = "this session"
			}
			rows = append(rows, []string{s.ID, s.Device, s.LastIP, stamp(s.LastActive), this})
		}
		return u.show(all, table(rows))
	}
}
