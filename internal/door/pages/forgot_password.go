package pages

import (
	"github.com/cenote-id/cenote/internal/wire"
)

// askForgotPassword shows the page that asks whose password was forgotten.
func (d *Door) askForgotPassword(v *visit) error {
	return v.show("forgot_password", nil, "", v.usernameField(v.LoginHint))
}

// forgotPassword sends a code, and asks for it with a new password.
func (d *Door) forgotPassword(v *visit) error {
	username := v.Form.Get("username")
	if username == "" {
		return v.show("forgot_password", nil, v.incomplete("username"), v.usernameField(""))
	}
	out, err := do[wire.ForgotPasswordOutput](v, "ForgotPassword", username, map[string]any{})
	if err != nil {
		problem, err := v.told(err)
		if err != nil {
			return err
		}
		if f, expired := v.flow(); expired == nil { // another code was asked for where the first one is
			return v.show("reset_password", f, problem, resetPage{Destination: f.Sent, Policy: v.policy()})
		}
		return v.show("forgot_password", nil, problem, v.usernameField(username))
	}
	f := v.begin(username)
	if out.CodeDeliveryDetails != nil {
		f.Sent = out.CodeDeliveryDetails.Destination
	}
	return v.show("reset_password", f, "", resetPage{Destination: f.Sent, Policy: v.policy(), Sent: v.Form.Has("again")})
}

// resetPage is what the page for a new password shows.
type resetPage struct {
	Destination string // masked
	Policy      []string
	Sent        bool // another code was sent just now
}

// confirmForgotPassword sets the new password, and goes on to the sign-in page.
func (d *Door) confirmForgotPassword(v *visit) error {
	f, err := v.flow()
	if err != nil {
		return err
	}
	page := resetPage{Destination: f.Sent, Policy: v.policy()}
	code, password := v.Form.Get("code"), v.Form.Get("password")
	if code == "" || password == "" {
		return v.show("reset_password", f, v.incomplete("code", "password"), page)
	}
	_, err = do[wire.ConfirmForgotPasswordOutput](v, "ConfirmForgotPassword", f.Username, map[string]any{"ConfirmationCode": code, "Password": password})
	if err != nil {
		problem, err := v.told(err)
		if err != nil {
			return err
		}
		return v.show("reset_password", f, problem, page)
	}
	return v.showNews("reset_password.done", f.Username)
}
