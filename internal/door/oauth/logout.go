package oauth

import "net/http"

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
