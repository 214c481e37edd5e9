package pages

import (
	"github.com/cenote-id/cenote/internal/api"
	"github.com/cenote-id/cenote/internal/credential"
	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/signin"
)

// refusedSignIn shows the sign-in page again, or the page on which the person can mend what stands in the way.
func (v *visit) refusedSignIn(err error, username string, page signInPage) error {
	switch fault.CodeOf(err) {
	case fault.UserNotConfirmed:
		if username == "" { // a passkey told who it is
			break
		}
		f := v.begin(username)
		f.SignedUp = true
		return v.show("confirm", f, "", confirmPage{Resend: true})
	case fault.PasswordResetRequired:
		return v.askReset(username)
	}
	problem, err := v.told(err)
	if err != nil {
		return err
	}
	return v.show("sign_in", nil, problem, page)
}

// askReset shows the page that sends a code for another password, to a person who cannot go on with the present one.
func (v *visit) askReset(username string) error {
	return v.show("forgot_password", nil, v.Language.text("forgot_password.required"), v.usernameField(username))
}

// refusedAnswer shows the page of the challenge again. A sign-in that is over begins anew, and so does one whose user may not go on; a wrong
// password can be mended where it was typed, and one that has to be replaced where that is done.
func (v *visit) refusedAnswer(f *flow, err error) error {
	if fault.CodeOf(err) == fault.PasswordResetRequired {
		return v.askReset(f.Username)
	}
	problem, other := v.told(err)
	if other != nil {
		return other
	}
	password := f.Challenge == signin.Password || f.Challenge == signin.PasswordSRP
	if fault.Is(err, fault.NotAuthorized) && (!password || signin.IsOver(err)) {
		return v.show("sign_in", nil, problem, v.signInPage(f.Username))
	}
	return v.ask(f, problem)
}

// do calls an operation for the visit's client. The pages are the server's own, so they know the client's secret.
func do[Out any](v *visit, operation, username string, params map[string]any) (*Out, error) {
	params["ClientId"] = v.Client.ID
	if username != "" {
		params["Username"] = username
		if len(v.Client.Secrets) > 0 {
			params["SecretHash"] = credential.SecretHash(v.Client.Secrets[0].Value, username, v.Client.ID)
		}
	}
	return api.Do[Out](v.ctx(), v.Door.Operations, operation, params)
}
