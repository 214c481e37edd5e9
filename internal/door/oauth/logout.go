package oauth

import (
	"io"
	"net/http"

	"github.com/cenote-id/cenote/internal/authorize"
	"github.com/cenote-id/cenote/internal/door"
)

// logout signs the browser out of the pool, on the server too, and sends it where the client says: by way of the SAML provider that its person
// signed in by, if that wants to know.
func (d *Door) logout(w http.ResponseWriter, r *http.Request) error {
	poolID, err := d.pool(r)
	if err != nil {
		return d.refuse(w, r, err)
	}
	query, err := parameters(r)
	if err != nil {
		return d.refuse(w, r, err)
	}
	out, err := d.Authorize.SignOutRequest(r.Context(), poolID, query)
	if err != nil {
		return d.refuse(w, r, err)
	}
	left, err := d.Authorize.SignOut(r.Context(), out.Pool, d.Cookies.Session(r, out.Pool.ID))
	if err != nil {
		return d.refuse(w, r, err)
	}
	d.Cookies.SetSession(w, r, out.Pool.ID, "", 0)
	if home := d.homeOf(r, out.Pool, out.Client); home != "" {
		http.Redirect(w, r, home+"/logout?"+out.Query(), http.StatusFound)
		return nil
	}
	if left != nil {
		away, err := d.External.BeginSignOut(r.Context(), out, left, d.Cookies.BeginVisit(w, r))
		switch {
		case err != nil:
			return d.refuse(w, r, err)
		case away != nil:
			depart(w, r, left.Provider, away, d.SignOutPage)
			return nil
		}
	}
	http.Redirect(w, r, out.Target(), http.StatusFound)
	return nil
}

// maxLogout is the size of the largest posted request to sign out, in bytes: it goes on as an address.
const maxLogout = 16 << 10

// logoutByForm takes a request to sign out that was posted (OpenID Connect RP-Initiated Logout 1.0, section 2). It sends the browser on to the same
// request as an address: the session's cookie does not come along with a form of another site, and a program that posts learns where to send the
// browser.
func (d *Door) logoutByForm(w http.ResponseWriter, r *http.Request) error {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxLogout))
	if err != nil {
		return d.refuse(w, r, authorize.Malformed(err))
	}
	form, err := door.Parameters(string(body))
	if err != nil || !isForm(r) {
		return d.refuse(w, r, authorize.Malformed(err))
	}
	http.Redirect(w, r, "/logout?"+form.Encode(), http.StatusSeeOther)
	return nil
}

// signedOut takes a browser that was signed out at a SAML provider. It comes by a form only (documented).
func (d *Door) signedOut(w http.ResponseWriter, r *http.Request) error {
	poolID, form, err := d.samlForm(w, r)
	if err != nil {
		return d.refuse(w, r, err)
	}
	target, err := d.External.ReturnSignOut(r.Context(), poolID, d.Cookies.Visit(r), form.Get("SAMLResponse"), form.Get("RelayState"))
	if err != nil {
		return d.refuse(w, r, err)
	}
	http.Redirect(w, r, target, http.StatusFound)
	return nil
}
