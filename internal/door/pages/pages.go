// Package pages serves the pages that people open in a browser: managed login, and those that the links of messages lead to.
//
// A page is a client like any other: it starts and answers sign-ins of package signin, calls operations by name, and holds no rule. Pages
// work without scripts, except where a passkey is asked for. What a sign-in needs from one page to the next travels in its form, sealed
// for this browser (flow.go). Each step has a handler in a file of its own and a template. Start with Door.Routes and Door.show.
package pages

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/cenote-id/cenote/internal/api"
	"github.com/cenote-id/cenote/internal/authorize"
	"github.com/cenote-id/cenote/internal/door"
	"github.com/cenote-id/cenote/internal/limit"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/signin"
)

// Door serves the pages.
type Door struct {
	Operations *api.Table
	ByLink     api.Operation // ConfirmSignUp by a link, behind the limits; its SecretHash is the link's signature
	SignIn     *signin.Machine
	Authorize  *authorize.Service
	Limits     *limit.Limits
	Callers    door.Callers // who asks
	Cookies    door.Cookies
	Texts      Texts // the operator's own

	// PoolOf returns the pool that a host belongs to, as for the OAuth endpoints.
	PoolOf func(ctx context.Context, host string) (poolID string, ok bool, err error)
	Now    func() time.Time // the time that sign-ins live by
	Log    *slog.Logger

	looks looks
}

// Routes mounts the pages. Those of a sign-in take the parameters of an authorization request in their query, as /oauth2/authorize does, and
// keep them on the way:
//
//	GET, POST /login                   username, password, choice of a provider
//	     POST /login/continue          the answer to a challenge: a code, a new password, a choice
//	     POST /login/passkey           a passkey that was chosen in the field for the username
//	GET, POST /signup                  a new account
//	     POST /confirm, /resendcode    the code of a new account
//	GET, POST /signup/passkey          a passkey, at the end of that
//	GET, POST /forgotPassword          asks for a code
//	     POST /confirmForgotPassword   a new password, with the code
//	GET, POST /passkeys/add            a passkey for whoever is signed in in this browser
//	          /oauth2/login, /forgotpassword, /confirmforgotPassword, /confirmforgotpassword    other spellings of the documentation
//	GET       /signup/confirm, /resetPassword, /mfa, ...    pages of the service in the middle of a sign-in: the beginning of it
//	     /account, and below           one's own account, where the operator wants that (account.go)
//	GET       /error                   what went wrong
//	GET       /confirmUser/            confirms a sign-up, by the link of its message
//	GET       /{pool}/ui/{client}/{image}  a logo, at the address that GetUICustomization shows
//	GET       /{pool}/branding/{client}/{image}  an image of a managed login branding
//	GET       /feedback                notes whose a sign-in was, by the link of its message
func (d *Door) Routes(mux *http.ServeMux) {
	mux.HandleFunc("GET /confirmUser/{$}", door.ByVisit(d.confirmUser))
	mux.HandleFunc("GET /confirmUser", door.ByVisit(d.confirmUser))
	mux.HandleFunc("GET /feedback", door.ByVisit(d.feedback))
	mux.HandleFunc("GET /error", d.showErrorPage)
	mux.HandleFunc("GET /{pool}/ui/{client}/{image}", d.image)
	mux.HandleFunc("GET /{pool}/branding/{client}/{image}", d.brandImage)

	steps := map[string]struct{ get, post step }{
		"/login":                 {d.askSignIn, d.signIn},
		"/login/continue":        {nil, d.continueSignIn},
		"/login/passkey":         {nil, local(d.signInByPasskey)},
		"/signup":                {local(d.askSignUp), local(d.signUp)},
		"/confirm":               {nil, local(d.confirm)},
		"/resendcode":            {nil, local(d.resendCode)},
		"/forgotPassword":        {local(d.askForgotPassword), local(d.forgotPassword)},
		addPasskeyPath:           d.passkeyPage(addPasskeyPath, toApplication),
		firstPasskeyPath:         d.passkeyPage(firstPasskeyPath, d.goOn),
		"/confirmForgotPassword": {nil, local(d.confirmForgotPassword)},
	}
	for other, path := range map[string]string{
		"/oauth2/login": "/login", "/forgotpassword": "/forgotPassword",
		"/confirmforgotPassword": "/confirmForgotPassword", "/confirmforgotpassword": "/confirmForgotPassword",
	} {
		steps[other] = steps[path]
	}
	for path, s := range steps {
		if s.get == nil {
			s.get = again // by reloading, or by a bookmark
		}
		mux.HandleFunc("GET "+path, d.serve(s.get))
		mux.HandleFunc("POST "+path, d.serve(s.post))
	}
	for _, path := range []string{ // which people come to by a bookmark at the most
		"/signup/confirm", "/resetPassword", "/changePassword", "/mfa", "/mfaOption", "/mfaRegister",
	} {
		mux.HandleFunc("GET "+path, d.serve(again))
	}
	if !d.Authorize.AccountPages {
		return
	}
	for path, s := range d.accountPages() {
		if s.get == nil {
			s.get = toAccount
		}
		mux.HandleFunc("GET "+authorize.AccountPath+path, d.serve(s.get))
		if s.post != nil {
			mux.HandleFunc("POST "+authorize.AccountPath+path, d.serve(s.post))
		}
	}
}

// local keeps a page for clients that let the pool's own users in: where SupportedIdentityProviders lacks COGNITO, nobody gets an account here, nor
// another password. The sign-in page says so.
func local(s step) step {
	return func(v *visit) error {
		if v.ownUsers() {
			return s(v)
		}
		return v.refuseOwn()
	}
}

// ownUsers reports whether the client lets the pool's own users in by the pages.
func (v *visit) ownUsers() bool { return v.Client.Supports(pool.CognitoProvider) }

// refuseOwn shows the sign-in page of a client that lets in users of identity providers only.
func (v *visit) refuseOwn() error {
	if err := v.checkOffer(); err != nil {
		return err
	}
	return v.show("sign_in", nil, v.Language.text("sign_in.providers_only"), v.signInPage(""))
}

// byVisit is door.ByVisit for a step.
func byVisit(s step) step {
	return func(v *visit) (err error) {
		door.ByVisit(func(http.ResponseWriter, *http.Request) { err = s(v) })(v.w, v.r)
		return err
	}
}

// again sends a person who asks for a page in the middle of a sign-in to its beginning.
func again(v *visit) error {
	http.Redirect(v.w, v.r, "/login?"+string(v.Query), http.StatusSeeOther)
	return nil
}
