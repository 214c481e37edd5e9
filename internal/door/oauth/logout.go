package oauth

import "net/http"

// logout signs the browser out of the pool, on the server too, and sends it where the client says.
func (d *Door) logout(w http.ResponseWriter, r *http.Request) error {
	poolID, err := d.pool(r)
	if err != nil {
		return d.refuse(w, r, err)
	}
	out, err := d.Authorize.SignOutRequest(r.Context(), poolID, r.URL.Query())
	if err != nil {
		return d.refuse(w, r, err)
	}
	if err := d.Authorize.SignOut(r.Context(), out.Pool, d.Cookies.Session(r, out.Pool.ID)); err != nil {
		return d.refuse(w, r, err)
	}
	d.Cookies.SetSession(w, r, out.Pool.ID, "", 0)
	location := out.Location
	if out.Login != nil {
		location = "/login?" + out.Login.Query()
	}
	http.Redirect(w, r, location, http.StatusFound)
	return nil
}
