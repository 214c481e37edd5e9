package pages

import (
	"errors"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/signin"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/wire"
)

// signUpPage is what the page for a new account shows.
type signUpPage struct {
	Username   usernameField
	Attributes []field
	Policy     []string
	Terms      []document
}

func (v *visit) signUpPage() (signUpPage, error) {
	terms, err := v.terms()
	return signUpPage{
		Username: v.newUsernameField(v.Form.Get("username")), Attributes: v.fields(v.signUpFields(), v.Form), Policy: v.policy(), Terms: terms,
	}, err
}

// checkSignUp refuses the page where only administrators make users.
func (v *visit) checkSignUp() error {
	if !v.Pool.AllowsSelfSignUp() {
		return fault.New(fault.NotAuthorized, "SignUp is not permitted for this user pool")
	}
	return nil
}

// askSignUp shows the page for a new account.
func (d *Door) askSignUp(v *visit) error {
	if err := v.checkSignUp(); err != nil {
		return err
	}
	page, err := v.signUpPage()
	if err != nil {
		return err
	}
	return v.show("sign_up", nil, "", page)
}

// signUp makes the account, and asks for the code that was sent, or signs in.
func (d *Door) signUp(v *visit) error {
	if err := v.checkSignUp(); err != nil {
		return err
	}
	page, err := v.signUpPage()
	if err != nil {
		return err
	}
	username, password := page.Username.Value, v.Form.Get("password")
	if username == "" || password == "" {
		return v.show("sign_up", nil, v.incomplete("username", "password"), page)
	}
	var attributes []map[string]string
	for _, f := range page.Attributes {
		if f.Value != "" {
			attributes = append(attributes, map[string]string{"Name": f.Name, "Value": f.Value})
			v.sent = append(v.sent, f.Name)
		}
	}
	if now := v.stamp(); now != "" {
		attributes = append(attributes, map[string]string{"Name": updatedAt, "Value": now})
	}
	out, err := do[wire.SignUpOutput](v, "SignUp", username, map[string]any{"Password": password, "UserAttributes": attributes})
	if err != nil {
		problem, err := v.told(err)
		if err != nil {
			return err
		}
		return v.show("sign_up", nil, problem, page)
	}
	f := v.begin(username)
	f.SignedUp = true
	if out.UserConfirmed {
		return d.signInAnew(v, f, out.Session)
	}
	if out.CodeDeliveryDetails == nil {
		return v.showNews("sign_up.wait", username)
	}
	f.Sent = out.CodeDeliveryDetails.Destination
	return v.show("confirm", f, "", confirmPage{Destination: f.Sent})
}

// confirmPage is what the page that asks for the code of a new account shows.
type confirmPage struct {
	Destination string // masked; empty: unknown
	Resend      bool   // no code was sent just now
	Sent        bool   // another code was sent just now
}

// confirm takes the code of a new account.
func (d *Door) confirm(v *visit) error {
	f, err := v.flow()
	if err != nil {
		return err
	}
	page := confirmPage{Destination: f.Sent}
	code := v.Form.Get("code")
	if code == "" {
		return v.show("confirm", f, v.incomplete("code"), page)
	}
	// The code speaks for the person. The session of the sign-up would as well, but messages may take longer than it lives.
	out, err := do[wire.ConfirmSignUpOutput](v, "ConfirmSignUp", f.Username, map[string]any{"ConfirmationCode": code})
	if err != nil {
		return v.refusedConfirmation(err, f, page)
	}
	return d.signInAnew(v, f, out.Session)
}

// refusedConfirmation asks for the code again. Whoever is confirmed already, by the same form sent twice or in another tab, may sign in.
func (v *visit) refusedConfirmation(err error, f *flow, page confirmPage) error {
	if errors.Is(err, user.ErrConfirmed) {
		return v.showNews("confirm.done", f.Username)
	}
	problem, err := v.told(err)
	if err != nil {
		return err
	}
	return v.show("confirm", f, problem, page)
}

// signInAnew goes on with the session of a confirmed sign-up, or asks for the password where there is none.
func (d *Door) signInAnew(v *visit, f *flow, session string) error {
	if session == "" {
		return v.show("sign_in", nil, "", v.signInPage(f.Username))
	}
	outcome, err := d.SignIn.Start(v.ctx(), signin.Start{
		Request: v.request(), Flow: "USER_AUTH", Params: map[string]string{"USERNAME": f.Username}, Session: session,
	})
	if err != nil {
		return v.refusedSignIn(err, f.Username, v.signInPage(f.Username))
	}
	return d.next(v, f, outcome)
}

// showNews shows the sign-in page with the text that says what has happened, and the name of the person whom it happened to.
func (v *visit) showNews(key, username string) error {
	page := v.signInPage(username)
	page.News = v.Language.text(key)
	return v.show("sign_in", nil, "", page)
}

// resendCode sends another code.
func (d *Door) resendCode(v *visit) error {
	f, err := v.flow()
	if err != nil {
		return err
	}
	out, err := do[wire.ResendConfirmationCodeOutput](v, "ResendConfirmationCode", f.Username, map[string]any{})
	if err != nil {
		return v.refusedConfirmation(err, f, confirmPage{Destination: f.Sent})
	}
	if out.CodeDeliveryDetails != nil {
		f.Sent = out.CodeDeliveryDetails.Destination
	}
	return v.show("confirm", f, "", confirmPage{Destination: f.Sent, Sent: true})
}
