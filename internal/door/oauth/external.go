package oauth

import (
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/cenote-id/cenote/internal/authorize"
	"github.com/cenote-id/cenote/internal/door"
	"github.com/cenote-id/cenote/internal/external"
	"github.com/cenote-id/cenote/internal/federate"
	"github.com/cenote-id/cenote/internal/limit"
	"github.com/cenote-id/cenote/internal/pool"
)

// leave sends the browser to an identity provider. It comes back to the pool's own address, so a browser that is elsewhere goes there first:
// it would not be recognized otherwise.
func (d *Door) leave(w http.ResponseWriter, r *http.Request, request *authorize.Request, v *pool.Provider) error {
	if home := d.home(r, request.Pool); home != "" {
		http.Redirect(w, r, home+"/oauth2/authorize?"+r.URL.RawQuery, http.StatusFound)
		return nil
	}
	if !d.Limits.Allow(r.Context(), limit.Federation, request.Client.ID, "") {
		return d.refuse(w, r, tooMany)
	}
	away, err := d.External.Begin(r.Context(), request, v, d.Cookies.BeginVisit(w, r))
	if err != nil {
		return d.refuse(w, r, err)
	}
	depart(w, r, v.Name, away, d.SignInPage)
	return nil
}

// depart sends the browser to an identity provider: by a redirect, or by the form of the page.
func depart(w http.ResponseWriter, r *http.Request, provider string, away *federate.Departure, page OnwardPage) {
	if away.Fields != nil {
		page(w, r, provider, away.Location, away.Fields)
		return
	}
	http.Redirect(w, r, away.Location, http.StatusFound)
}

// home returns the pool's own address, at which people come back from identity providers, where the request came to another one; else "".
func (d *Door) home(r *http.Request, p *pool.Pool) string {
	if base, err := url.Parse(d.External.Base(p)); err == nil && d.moves(r, base) {
		return base.String()
	}
	return ""
}

// homeOf is home for a client whose users sign in by identity providers: whoever came by one is signed in there, and not where the request came to.
func (d *Door) homeOf(r *http.Request, p *pool.Pool, c *pool.Client) string {
	if !slices.ContainsFunc(c.Settings.SupportedIdentityProviders, func(name string) bool { return name != pool.CognitoProvider }) {
		return ""
	}
	return d.home(r, p)
}

// moves reports whether the request came to another address than the pool's. At the main address, the name may be that between a proxy and this
// server, which says nothing about the browser, unless it is another name of this machine at the same port.
func (d *Door) moves(r *http.Request, base *url.URL) bool {
	name, port := r.Host, ""
	if host, p, err := net.SplitHostPort(name); err == nil {
		name, port = host, p
	}
	if strings.EqualFold(name, base.Hostname()) {
		return false
	}
	return base.String() != d.PublicURL || door.IsLocal(name) && door.IsLocal(base.Hostname()) && port == base.Port()
}

// arriveByQuery takes a person who comes back from an OAuth 2.0 provider.
func (d *Door) arriveByQuery(w http.ResponseWriter, r *http.Request) error {
	query, err := parameters(r)
	if err != nil {
		return d.refuse(w, r, err)
	}
	return d.arrive(w, r, query)
}

// maxAnswer is the size of the largest answer of a provider that is read, in bytes.
const maxAnswer = 64 << 10

// arriveByForm takes a person whom the provider sends back by a form, as Apple does.
func (d *Door) arriveByForm(w http.ResponseWriter, r *http.Request) error {
	r.Body = http.MaxBytesReader(w, r.Body, maxAnswer)
	if err := r.ParseForm(); err != nil {
		return d.refuse(w, r, &authorize.Refusal{Code: authorize.InvalidRequest, Text: "Invalid state"})
	}
	return d.arrive(w, r, r.PostForm)
}

// arriveBySAML takes a person with the response of a SAML provider.
func (d *Door) arriveBySAML(w http.ResponseWriter, r *http.Request) error {
	poolID, form, err := d.samlForm(w, r)
	if err != nil {
		return d.refuse(w, r, err)
	}
	a, err := d.External.ReturnSAML(r.Context(), poolID, d.Cookies.Visit(r), form.Get("SAMLResponse"), form.Get("RelayState"))
	if err != nil {
		return d.refuse(w, r, err)
	}
	return d.finish(w, r, a)
}

// samlForm reads the form with a SAML provider's message, and the pool of the host.
func (d *Door) samlForm(w http.ResponseWriter, r *http.Request) (poolID string, form url.Values, err error) {
	if poolID, err = d.pool(r); err != nil {
		return "", nil, err
	}
	if !d.Limits.Allow(r.Context(), limit.Federation, "", "") { // nobody may have begun here, so that no other limit has counted
		return "", nil, tooMany
	}
	r.Body = http.MaxBytesReader(w, r.Body, 4*federate.MaxSAMLResponse) // a form needs up to three bytes for one
	err = r.ParseForm()
	for name, values := range r.PostForm {
		if len(values) > 1 && err == nil {
			err = fmt.Errorf("%s is included more than once", name)
		}
	}
	if err != nil {
		return "", nil, (&authorize.Refusal{Code: authorize.InvalidRequest, Text: "Invalid samlResponse or relayState from identity provider"}).Because(err)
	}
	return poolID, r.PostForm, nil
}

func (d *Door) arrive(w http.ResponseWriter, r *http.Request, back url.Values) error {
	poolID, err := d.pool(r)
	if err != nil {
		return d.refuse(w, r, err)
	}
	a, err := d.External.Return(r.Context(), poolID, d.Cookies.Visit(r), back)
	if err != nil {
		return d.refuse(w, r, err)
	}
	return d.finish(w, r, a)
}

// finish keeps the browser signed in and answers the application, or shows the page of what the person has to answer first.
// An application that registered itself is answered when the person, whom the provider may not have asked anything, has seen on our page who asks.
func (d *Door) finish(w http.ResponseWriter, r *http.Request, a *external.Arrival) error {
	if a.Grant == nil {
		d.ChallengePage(w, r, a)
		return nil
	}
	secret, life, err := d.Authorize.Remember(r.Context(), a.Request.Pool, a.Grant, a.SAML, d.Cookies.Session(r, a.Request.Pool.ID))
	if err != nil {
		return d.refuse(w, r, a.Request.Refused(err))
	}
	d.Cookies.SetSession(w, r, a.Request.Pool.ID, secret, life)
	location := "/login?" + a.Request.Confirmation().Query()
	if !a.Request.Client.Registered() {
		if location, err = d.Authorize.Finish(r.Context(), a.Request, a.Grant); err != nil {
			return d.refuse(w, r, err)
		}
	}
	http.Redirect(w, r, location, http.StatusFound)
	return nil
}
