package pages

import (
	"html/template"
	"net/http"
	"time"

	"github.com/cenote-id/cenote/internal/api"
	"github.com/cenote-id/cenote/internal/authorize"
	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/user"
)

// recently is how long ago a person may have signed in for an act that somebody who finds the browser open must not do
// (OWASP ASVS 4.0, 3.7.1).
const recently = 10 * time.Minute

// owner is a visit of a signed-in person to the pages of their own account. What they do there is done by the operations of the API, with an
// access token for the visit's client: what the client may not read or write, the pages do not show or change.
type owner struct {
	*visit
	browser *authorize.Browser
	token   string // empty until an operation is called
}

// accountStep handles a visit to an account page.
type accountStep func(o *owner) error

// accountPages are the pages below authorize.AccountPath. A fresh one is for people who have signed in of late.
//
//	GET       /account                 what there is
//	GET, POST /account/profile         attributes; /account/verify takes the code for an e-mail address or a phone number
//	GET, POST /account/password        another password
//	GET, POST /account/factors         second factors: which are on, and which comes first
//	     POST /account/factors/totp    sets an authenticator app up; /account/factors/remove takes it away
//	GET       /account/passkeys        passkeys; /account/passkeys/add makes one, /account/passkeys/delete deletes one
//	GET, POST /account/devices         remembered devices, of which a POST forgets one
//	GET, POST /account/activity        sessions and events; a POST ends one session, or all
//	GET, POST /account/delete          deletes the account
func (d *Door) accountPages() map[string]struct{ get, post step } {
	return map[string]struct{ get, post step }{
		"":                 {d.own(d.showAccount), nil},
		"/profile":         {d.fresh(always, d.askProfile), d.fresh(always, d.saveProfile)},
		"/verify":          {nil, d.fresh(always, d.verifyContact)},
		"/password":        {d.fresh(hasPassword, d.askOwnPassword), d.fresh(hasPassword, d.changeOwnPassword)},
		"/factors":         {d.fresh(hasFactors, d.askFactors), d.fresh(hasFactors, d.saveFactors)},
		"/factors/totp":    {nil, d.fresh(hasFactors, d.addToken)},
		"/factors/remove":  {nil, d.fresh(hasFactors, d.removeToken)},
		"/passkeys":        {d.fresh(hasPasskeys, d.showPasskeys), nil},
		"/passkeys/add":    {byVisit(d.fresh(hasPasskeys, d.askOwnPasskey)), d.fresh(hasPasskeys, d.addOwnPasskey)},
		"/passkeys/delete": {nil, d.fresh(hasPasskeys, d.deletePasskey)},
		"/devices":         {d.own(d.showDevices), d.own(d.forgetDevice)},
		"/activity":        {d.own(d.showActivity), d.own(d.endSessions)},
		"/delete":          {d.own(d.askDeletion), d.own(d.deleteAccount)},
	}
}

// own lets people in who are signed in in this browser; others sign in first.
func (d *Door) own(s accountStep) step {
	return func(v *visit) error {
		browser, err := d.Authorize.Recall(v.ctx(), v.Pool, d.Cookies.Session(v.r, v.Pool.ID))
		switch {
		case err != nil:
			return err
		case d.Authorize.OnOwnPages(v.Request, browser) == nil:
			http.Redirect(v.w, v.r, "/login?"+string(v.Query), http.StatusSeeOther)
			return nil
		case !v.isAbout(browser):
			return toAccount(v) // which says who is signed in
		}
		return s(&owner{visit: v, browser: browser})
	}
}

// fresh is own for acts of people who have signed in of late. has says whether the account has what the page is about.
func (d *Door) fresh(has func(*owner) bool, s accountStep) step {
	return d.own(func(o *owner) error {
		switch {
		case !has(o):
			http.Redirect(o.w, o.r, o.AccountLink(""), http.StatusSeeOther)
			return nil
		case !d.Authorize.SignedInWithin(o.browser, recently):
			o.signInAgain("")
			return nil
		}
		return s(o)
	})
}

// signInAgain sends the person to the sign-in page, and back here. since is the sealed time of the request, where it has to be told.
func (o *owner) signInAgain(since string) {
	r, account := *o.Request, *o.Account
	account.Since = since
	if o.r.Method == http.MethodPost { // what was filled in is lost; the page behind asks for it again
		account.Page = askingPage(account.Page)
	}
	r.Account, r.Prompt = &account, []string{"login"}
	http.Redirect(o.w, o.r, "/login?"+r.Query(), http.StatusSeeOther)
}

// askingPage returns the page that has the form which goes to the page.
func askingPage(page string) string {
	switch page {
	case "/verify":
		return "/profile"
	case "/factors/totp", "/factors/remove":
		return "/factors"
	case "/passkeys/delete":
		return "/passkeys"
	}
	return page
}

// as calls an operation of the signed-in user.
func as[Out any](o *owner, operation string, params map[string]any) (*Out, error) {
	if o.token == "" {
		var err error
		if o.token, err = o.Door.Authorize.AccessToken(o.Pool, o.Client, o.browser); err != nil {
			return nil, err
		}
	}
	params["AccessToken"] = o.token
	return api.Do[Out](o.ctx(), o.Door.Operations, operation, params)
}

// user is the person as stored, without what only operations may show.
func (o *owner) user() *user.User { return o.browser.User }

// saved reports whether the page is shown because a form was taken.
func (o *owner) saved() bool { return o.r.URL.Query().Has("saved") }

// done goes to a page after a form was taken, so that loading it again sends nothing again.
func (o *owner) done(page string) error {
	http.Redirect(o.w, o.r, o.AccountLink(page)+"&saved=1", http.StatusSeeOther)
	return nil
}

// Who signs in by an identity provider has neither a password nor factors here.
func (o *owner) native() bool { return o.user().Status == user.Confirmed }

func always(*owner) bool        { return true }
func hasPassword(o *owner) bool { return o.native() }
func hasFactors(o *owner) bool  { return o.native() && o.Pool.MFA() != pool.MFAOff }
func hasPasskeys(o *owner) bool { return o.native() && o.Pool.AllowsFirstFactor(pool.Passkey) }
func hasDevices(o *owner) bool  { return o.Pool.TracksDevices() }

// accountPage is what the first page shows.
type accountPage struct {
	Name string
	Rows []accountRow
}

// accountRow leads to another page.
type accountRow struct{ Page, Text string }

// showAccount shows what there is.
func (d *Door) showAccount(o *owner) error {
	page := accountPage{Name: knownAs(o.user())}
	for _, row := range []struct {
		page, key string
		has       func(*owner) bool
	}{
		{"/profile", "profile.title", always},
		{"/password", "own_password.title", hasPassword},
		{"/factors", "factors.title", hasFactors},
		{"/passkeys", "passkeys.title", hasPasskeys},
		{"/devices", "devices.title", hasDevices},
		{"/activity", "activity.title", always},
		{"/delete", "delete.title", always},
	} {
		if row.has(o) {
			page.Rows = append(page.Rows, accountRow{row.page, o.Language.text(row.key)})
		}
	}
	return o.show("account", nil, "", page)
}

// toAccount sends a person who asks for a page in the middle of something to the first one.
func toAccount(v *visit) error {
	http.Redirect(v.w, v.r, v.AccountLink(""), http.StatusSeeOther)
	return nil
}

// Return is the address of the application for the way back; empty where none was given. It is one of the client's, which browsers run no scripts at,
// and may have the scheme of an app.
func (v *visit) Return() template.URL {
	return template.URL(v.Account.Return) //nolint:gosec // one of the client's addresses
}

// knownAs is what a page calls a user.
func knownAs(u *user.User) string {
	if email := u.Attributes[pool.Email]; email != "" {
		return email
	}
	return u.Username
}

// refuse shows the page again with what was wrong; show is given the problem, which is empty when there is none to tell.
func (o *owner) refuse(err error, show func(problem string) error) error {
	if fault.Is(err, fault.NotAuthorized) {
		if again, _ := o.Door.Authorize.Recall(o.ctx(), o.Pool, o.Door.Cookies.Session(o.r, o.Pool.ID)); again == nil {
			o.signInAgain("") // signed out elsewhere in the meantime
			return nil
		}
	}
	problem, err := o.told(err)
	if err != nil {
		return err
	}
	return show(problem)
}
