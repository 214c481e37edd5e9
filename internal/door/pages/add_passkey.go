package pages

import (
	"net/http"

	"github.com/cenote-id/cenote/internal/authorize"
	"github.com/cenote-id/cenote/internal/signin"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/wire"
)

// addPasskeyPath is the service's (documented).
const addPasskeyPath = "/passkeys/add"

// registrant is the user who is signed in in this browser; ok is false, and the sign-in page was asked for, when nobody is.
func (d *Door) registrant(v *visit) (by signin.Registrant, ok bool, err error) {
	var browser *authorize.Browser
	if browser, err = d.Authorize.Recall(v.ctx(), v.Pool, d.Cookies.Session(v.r, v.Pool.ID)); err != nil {
		return by, false, err
	}
	if d.Authorize.OnOwnPages(v.Request, browser) == nil {
		http.Redirect(v.w, v.r, "/login?"+string(v.Query), http.StatusSeeOther)
		return by, false, nil
	}
	reread := func(tx *store.Tx) (*user.User, error) { return d.Authorize.Reread(tx, v.Pool, browser) }
	return signin.Registrant{Pool: v.Pool, Client: v.Client, Reread: reread}, true, nil
}

// askPasskey shows the page on which a signed-in person adds a passkey.
func (d *Door) askPasskey(v *visit) error {
	by, ok, err := d.registrant(v)
	if err != nil || !ok {
		return err
	}
	return d.showAddPasskey(v, by, "")
}

func (d *Door) showAddPasskey(v *visit, by signin.Registrant, problem string) error {
	options, err := d.SignIn.StartPasskey(v.ctx(), by)
	if err != nil {
		return err
	}
	return v.show("add_passkey", nil, problem, addPasskeyPage{Options: string(options), Action: addPasskeyPath + "?" + string(v.Query)})
}

// addPasskeyPage is what the page on which a passkey is made shows.
type addPasskeyPage struct {
	Options string // PublicKeyCredentialCreationOptionsJSON
	Action  string // where the form goes
}

// addPasskey stores the passkey that the browser made, and goes back to the application; so does whoever wants none.
func (d *Door) addPasskey(v *visit) error {
	by, ok, err := d.registrant(v)
	if err != nil || !ok {
		return err
	}
	if !v.Form.Has("skip") {
		if err := d.SignIn.CompletePasskey(v.ctx(), by, wire.Document(v.Form.Get("credential"))); err != nil {
			problem, err := v.told(err)
			if err != nil {
				return err
			}
			return d.showAddPasskey(v, by, problem)
		}
	}
	http.Redirect(v.w, v.r, v.RedirectURI, http.StatusFound)
	return nil
}
