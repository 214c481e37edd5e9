package oauth

import (
	"errors"
	"net/http"

	"github.com/cenote-id/cenote/internal/authorize"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/signin"
)

// authorize answers an authorization request: with a code or tokens for a browser that is signed in, else by way of the sign-in page.
func (d *Door) authorize(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	poolID, err := d.pool(r)
	if err != nil {
		return d.refuse(w, r, err)
	}
	query, err := parameters(r)
	if err != nil {
		return d.refuse(w, r, err)
	}
	if !d.Limits.Allow(ctx, "InitiateAuth", query.Get("client_id"), "") {
		return d.refuse(w, r, tooMany)
	}
	request, err := d.Authorize.Request(ctx, poolID, query)
	if err != nil {
		return d.refuse(w, r, err)
	}
	browser, err := d.Authorize.Recall(ctx, request.Pool, d.Cookies.Session(r, request.Pool.ID))
	if err != nil {
		return d.refuse(w, r, err)
	}
	if grant := d.Authorize.Silent(request, browser); grant != nil && suits(request, grant) {
		location, err := d.Authorize.Finish(ctx, request, grant)
		if err != nil {
			return d.refuse(w, r, err)
		}
		http.Redirect(w, r, location, http.StatusFound)
		return nil
	}
	if request.Asks("none") {
		if home := d.homeOf(r, request.Pool, request.Client); home != "" {
			http.Redirect(w, r, home+"/oauth2/authorize?"+r.URL.RawQuery, http.StatusFound)
			return nil
		}
		return d.refuse(w, r, &authorize.Refusal{Code: authorize.LoginRequired, To: request})
	}
	provider, err := d.External.Provider(ctx, request)
	if err != nil {
		return d.refuse(w, r, err)
	}
	if provider != nil {
		return d.leave(w, r, request, provider)
	}
	http.Redirect(w, r, "/login?"+r.URL.RawQuery, http.StatusFound)
	return nil
}

// suits reports whether the sign-in came by the provider that the request names, if any.
func suits(r *authorize.Request, g *signin.Grant) bool {
	return r.Provider == "" || r.Provider == g.Provider || r.Provider == pool.CognitoProvider && g.Provider == ""
}

// refuse tells the application by a redirect, or the person where the application cannot be told.
func (d *Door) refuse(w http.ResponseWriter, r *http.Request, err error) error {
	var no *authorize.Refusal
	switch {
	case !errors.As(err, &no):
		d.ErrorPage(w, r, http.StatusInternalServerError, "")
	case no.Returns():
		http.Redirect(w, r, no.Location(), http.StatusFound)
	case no == errNoHost:
		d.ErrorPage(w, r, http.StatusNotFound, "")
	case no == tooMany:
		d.ErrorPage(w, r, http.StatusTooManyRequests, no.Text)
	case no.Text == authorize.NoLogin:
		d.ErrorPage(w, r, http.StatusUnauthorized, no.Text)
	default:
		d.ErrorPage(w, r, http.StatusBadRequest, no.Text)
	}
	return err
}
