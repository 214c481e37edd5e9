package pages

import (
	"net/http"

	"github.com/cenote-id/cenote/internal/authorize"
	"github.com/cenote-id/cenote/internal/signin"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/wire"
)

// The pages on which a signed-in person adds a passkey: at any time, which is the service's (documented), and at the end of a sign-up.
const (
	addPasskeyPath   = "/passkeys/add"
	firstPasskeyPath = "/signup/passkey"
)

// registrant is the user who is signed in in this browser; ok is false, and the sign-in page was asked for, when nobody is; so is
// the page itself when the form is about somebody else.
func (d *Door) registrant(v *visit) (by signin.Registrant, ok bool, err error) {
	var browser *authorize.Browser
	if browser, err = d.Authorize.Recall(v.ctx(), v.Pool, d.Cookies.Session(v.r, v.Pool.ID)); err != nil {
		return by, false, err
	}
	if d.Authorize.OnOwnPages(v.Request, browser) == nil {
		http.Redirect(v.w, v.r, "/login?"+string(v.Query), http.StatusSeeOther)
		return by, false, nil
	}
	if !v.isAbout(browser) {
		http.Redirect(v.w, v.r, v.r.URL.Path+"?"+string(v.Query), http.StatusSeeOther)
		return by, false, nil
	}
	reread := func(tx *store.Tx) (*user.User, error) { return d.Authorize.Reread(tx, v.Pool, browser) }
	return signin.Registrant{Pool: v.Pool, Client: v.Client, Reread: reread}, true, nil
}

// passkeyPage is the page at the path on which a signed-in person adds a passkey. Who has done so, or wants none, comes to the end.
func (d *Door) passkeyPage(path string, end step) struct{ get, post step } {
	ask := func(v *visit, by signin.Registrant, problem string) error {
		options, err := d.SignIn.StartPasskey(v.ctx(), by)
		if err != nil {
			return err
		}
		return v.show("add_passkey", nil, problem, addPasskeyPage{Options: string(options), Action: path + "?" + string(v.Query)})
	}
	get := func(v *visit) error {
		by, ok, err := d.registrant(v)
		if err != nil || !ok {
			return err
		}
		return ask(v, by, "")
	}
	post := func(v *visit) error {
		by, ok, err := d.registrant(v)
		if err != nil || !ok {
			return err
		}
		if v.Form.Has("skip") {
			return end(v)
		}
		if err := d.SignIn.CompletePasskey(v.ctx(), by, wire.Document(v.Form.Get("credential"))); err != nil {
			problem, err := v.told(err)
			if err != nil {
				return err
			}
			return ask(v, by, problem)
		}
		return end(v)
	}
	return struct{ get, post step }{byVisit(get), post}
}

// addPasskeyPage is what the page on which a passkey is made shows.
type addPasskeyPage struct {
	Options string // PublicKeyCredentialCreationOptionsJSON
	Action  string // where the form goes
}

// toApplication goes back to the application, which is told nothing.
func toApplication(v *visit) error {
	http.Redirect(v.w, v.r, v.RedirectURI, http.StatusFound)
	return nil
}

// offerPasskey asks a person who has signed up a moment ago for a passkey, as the service does, if one would sign them in. asked is false where it
// would not. The secret is that of the browser, by whose session the sign-in goes on behind the page.
func (d *Door) offerPasskey(v *visit, secret string) (asked bool, err error) {
	if !d.SignIn.TakesPasskeys(v.Pool) {
		return false, nil
	}
	browser, err := d.Authorize.Recall(v.ctx(), v.Pool, secret)
	onward := v.Confirmation()
	if err != nil || !d.Authorize.Suffices(onward, browser) || browser.User.BarsPasskeys(v.Pool) {
		return false, err
	}
	http.Redirect(v.w, v.r, firstPasskeyPath+"?"+onward.Query(), http.StatusSeeOther)
	return true, nil
}
