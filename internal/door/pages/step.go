package pages

import (
	"context"
	"errors"
	"html/template"
	"net/http"
	"net/url"
	"strings"

	"github.com/cenote-id/cenote/internal/authorize"
	"github.com/cenote-id/cenote/internal/caller"
	"github.com/cenote-id/cenote/internal/door"
	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/signin"
)

// maxForm is the size of the largest form that is read, in bytes.
const maxForm = 64 << 10

// visit is one request of a person on the way to an application.
type visit struct {
	*authorize.Request
	Door     *Door
	Query    template.URL // of the authorization request, for the addresses of the pages
	Form     url.Values   // of a POST
	Language language
	CSRF     string // what a form of this browser has to send back
	Owner    string // the sub of the signed-in user whom the page is about; empty: nobody
	Blamed   string // the name of the field that the problem of the page is about; empty: none

	// ProblemLang is the language of a problem that is told in another one than the page's (BCP 47); else empty.
	ProblemLang string

	sent []string // the attributes that were sent to an operation, in their order

	w http.ResponseWriter
	r *http.Request
}

// ctx is the context of the request, with its caller.
func (v *visit) ctx() context.Context { return v.r.Context() }

// step handles a visit. It answers, or returns an error that is told to the application or on a page.
type step func(v *visit) error

// serve reads the authorization request, which every page of a sign-in carries, refuses forms of other sites, and runs the step.
func (d *Door) serve(s step) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		by := d.Callers.Of(r)
		r = r.WithContext(caller.With(r.Context(), by))
		door.Secure(w.Header()) // redirects, too: they may carry a code
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("X-Amz-Cognito-Request-Id", by.RequestID)
		v, err := d.open(w, r)
		if err == nil {
			err = s(v)
		}
		if err != nil {
			d.fail(w, r, v, err)
		}
	}
}

// errForeign is the answer to a form that no page of ours made in this browser.
var errForeign = errors.New("the form was not sent by a page of this server")

// errUnreadable is the answer to what is no form, or a larger one than any page has.
var errUnreadable = errors.New("the form cannot be read")

// errNoHost is the answer on a host of ours that no pool has.
var errNoHost = errors.New("no pool has this host")

func (d *Door) open(w http.ResponseWriter, r *http.Request) (*visit, error) {
	poolID, ok, err := d.PoolOf(r.Context(), r.Host)
	switch {
	case err != nil:
		return nil, err
	case !ok:
		return nil, errNoHost
	}
	query, err := door.Parameters(r.URL.RawQuery)
	if err != nil {
		return nil, authorize.Malformed(err)
	}
	r.URL.RawQuery = query.Encode()                                  // which ParseForm reads again
	if r.URL.Path == addPasskeyPath && !query.Has("response_type") { // the service needs no more than the client and where to return to
		query.Set("response_type", "code")
	}
	if page, ok := strings.CutPrefix(r.URL.Path, authorize.AccountPath); ok && d.Authorize.AccountPages {
		query.Set("response_type", authorize.AccountType)
		query.Set("page", page)
	}
	request, err := d.Authorize.Request(r.Context(), poolID, query)
	if err != nil {
		return nil, err
	}
	v := d.visit(w, r, request)
	if r.Method != http.MethodPost {
		return v, nil
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		return v, errors.Join(errUnreadable, err)
	}
	v.Form = r.PostForm
	if !d.sameOrigin(r) || !equal(v.Form.Get("_csrf"), v.CSRF) {
		return v, errForeign
	}
	v.tidy()
	return v, nil
}

// visit returns a request of a person on the way to the application of the authorization request.
func (d *Door) visit(w http.ResponseWriter, r *http.Request, request *authorize.Request) *visit {
	//nolint:gosec // encoded by net/url
	v := &visit{Request: request, Door: d, Query: template.URL(request.Query()), w: w, r: r}
	v.Language = d.languageOf(w, r, request.Lang).with(d.Texts, request.Pool.ID, request.Client.ID)
	v.CSRF = d.csrfToken(w, r)
	return v
}

// fail tells the application by a redirect, or the person where the application cannot be told. v is nil when there is no authorization request to
// begin again with.
func (d *Door) fail(w http.ResponseWriter, r *http.Request, v *visit, err error) {
	var no *authorize.Refusal
	var f *fault.Error
	var large *http.MaxBytesError
	tell := func(status int, text string) {
		n := d.errorNotice(w, r, status)
		n.Text = n.Language.text(text)
		d.notify(w, n.from(v))
	}
	switch {
	case errors.As(err, &no) && no.Returns():
		http.Redirect(w, r, no.Location(), http.StatusFound)
	case errors.As(err, &no) && no.Text == authorize.NoLogin:
		d.ShowError(w, r, http.StatusUnauthorized, no.Text)
	case errors.As(err, &no):
		d.ShowError(w, r, http.StatusBadRequest, no.Text)
	case errors.Is(err, errForeign):
		tell(http.StatusForbidden, "error.retry")
	case errors.Is(err, errExpired):
		tell(http.StatusBadRequest, "error.expired")
	case errors.As(err, &large):
		tell(http.StatusRequestEntityTooLarge, "error.retry")
	case errors.Is(err, errUnreadable):
		tell(http.StatusBadRequest, "error.retry")
	case errors.Is(err, errNoHost):
		d.ShowError(w, r, http.StatusNotFound, "")
	case errors.As(err, &f):
		n := d.errorNotice(w, r, http.StatusBadRequest)
		n.Text, n.TextLang = n.Language.quote(f)
		d.notify(w, n.from(v))
	default:
		d.Log.ErrorContext(r.Context(), "page not served", "path", r.URL.Path, "request", caller.From(r.Context()).RequestID, "error", err)
		d.ShowError(w, r, http.StatusInternalServerError, "")
	}
}

// isAbout says whom the page is about, and reports whether a form was filled in on a page about the same user. Another one may have signed in
// meanwhile, in another tab. A form that names nobody is one of an earlier version.
func (v *visit) isAbout(b *authorize.Browser) bool {
	v.Owner = b.User.ID
	return v.r.Method != http.MethodPost || !v.Form.Has("owner") || v.Form.Get("owner") == v.Owner
}

// request is the sign-in side of the visit.
func (v *visit) request() signin.Request {
	return signin.Request{Pool: v.Pool, Client: v.Client, By: signin.ByPage, Browser: v.browserDevices()}
}
