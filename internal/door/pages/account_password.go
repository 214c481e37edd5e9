package pages

import "github.com/cenote-id/cenote/internal/wire"

// ownPasswordPage is what the page for another password shows.
type ownPasswordPage struct {
	Username string // for password managers
	Has      bool   // there is a present one to ask for
	Policy   []string
	Saved    bool
}

func (o *owner) ownPasswordPage() ownPasswordPage {
	return ownPasswordPage{Username: o.user().SignInName(o.Pool, ""), Has: o.user().Password != nil, Policy: o.policy(), Saved: o.saved()}
}

func (d *Door) askOwnPassword(o *owner) error {
	return o.show("account_password", nil, "", o.ownPasswordPage())
}

// changeOwnPassword changes the password and, if the person wants that, signs out everywhere else. The browser stays signed in: its session is
// bound to the password, and so it gets another one.
func (d *Door) changeOwnPassword(o *owner) error {
	page := o.ownPasswordPage()
	again := func(problem string) error { return o.show("account_password", nil, problem, page) }
	present, chosen := o.Form.Get("previous_password"), o.Form.Get("password")
	if chosen == "" || page.Has && present == "" {
		return again(o.incomplete("previous_password", "password"))
	}
	params := map[string]any{"ProposedPassword": chosen}
	if present != "" {
		params["PreviousPassword"] = present
	}
	if _, err := as[wire.ChangePasswordOutput](o, "ChangePassword", params); err != nil {
		return o.refuse(err, again)
	}
	if o.Form.Has("elsewhere") {
		if _, err := as[wire.GlobalSignOutOutput](o, "GlobalSignOut", map[string]any{}); err != nil {
			return err
		}
	}
	secret, life, err := d.Authorize.Renew(o.ctx(), o.Pool, o.browser)
	if err != nil {
		return err
	}
	d.Cookies.SetSession(o.w, o.r, o.Pool.ID, secret, life)
	return o.done("/password")
}
