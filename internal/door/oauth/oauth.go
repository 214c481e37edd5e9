// Package oauth serves applications: the OAuth 2.0 and OpenID Connect endpoints of all pools, and the documents that verifiers of tokens
// need.
//
// What an application may ask for is decided in package authorize; a person who has to sign in first is sent to the pages. Errors are told
// in OAuth's words: in JSON to programs, by a redirect to an application that the browser may be sent to, and on a page otherwise. Start
// with Door.Routes.
package oauth

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"github.com/cenote-id/cenote/internal/api"
	"github.com/cenote-id/cenote/internal/authorize"
	"github.com/cenote-id/cenote/internal/caller"
	"github.com/cenote-id/cenote/internal/door"
	"github.com/cenote-id/cenote/internal/external"
	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/limit"
)

// Door serves the endpoints.
type Door struct {
	Authorize  *authorize.Service
	External   *external.Service
	Operations *api.Table
	Limits     *limit.Limits
	Callers    door.Callers
	Cookies    door.Cookies
	PublicURL  string // of the server, without a trailing slash

	// PoolOf returns the pool that a host belongs to, empty for the main address, where the client names its pool. It reports false for
	// a host of ours that no pool has.
	PoolOf func(ctx context.Context, host string) (poolID string, ok bool, err error)
	// ErrorPage tells a person what went wrong.
	ErrorPage func(w http.ResponseWriter, r *http.Request, status int, text string)
	// SignInPage and SignOutPage take a person on to an identity provider where a redirect does not.
	SignInPage, SignOutPage OnwardPage
	// ChallengePage goes on with a person who has a challenge to answer after the sign-in at a provider.
	ChallengePage func(w http.ResponseWriter, r *http.Request, a *external.Arrival)
	// Observe is told the name of the endpoint, the outcome ("OK" or an OAuth error) and the time taken.
	Observe func(ctx context.Context, name, code string, took time.Duration)
	Now     func() time.Time // the machine's clock
	Log     *slog.Logger
}

// OnwardPage shows a page that leads to an identity provider by a form with the fields.
type OnwardPage func(w http.ResponseWriter, r *http.Request, provider, to string, fields map[string]string)

// sharedEndpoints lets pages of any origin call the endpoints that are for programs.
var sharedEndpoints = door.Sharing{MaxAge: 24 * time.Hour}

// Routes mounts the endpoints:
//
//	GET       /oauth2/authorize   begins a sign-in; also at /authorize
//	POST      /oauth2/token       codes, refresh tokens and client credentials for tokens
//	GET, POST /oauth2/userInfo    the attributes of the user of an access token
//	POST      /oauth2/revoke      ends a refresh token and what descends from it
//	POST      /oauth2/register    makes an app client of an application, in pools that want this; /{pool}/oauth2/register on the main address
//	GET, POST /logout             signs the browser out
//	GET, POST /oauth2/idpresponse where identity providers send people back to
//	POST      /saml2/idpresponse  the same for SAML
//	POST      /saml2/logout       where SAML providers send people back to who have signed out there
func (d *Door) Routes(mux *http.ServeMux) {
	for path, handle := range map[string]http.HandlerFunc{
		"/oauth2/authorize":   d.serve("OAuthAuthorize", d.authorize),
		"/authorize":          d.serve("OAuthAuthorize", d.authorize),
		"/logout":             d.serve("OAuthLogout", d.logout),
		"/oauth2/idpresponse": d.serve("OAuthProviderResponse", d.arriveByQuery),
	} {
		mux.HandleFunc("GET "+path, door.ByVisit(handle))
	}
	mux.HandleFunc("POST /logout", d.serve("OAuthLogout", d.logoutByForm))
	mux.HandleFunc("POST /oauth2/idpresponse", d.serve("OAuthProviderResponse", d.arriveByForm))
	mux.HandleFunc("POST /saml2/idpresponse", d.serve("SAMLResponse", d.arriveBySAML))
	mux.HandleFunc("POST /saml2/logout", d.serve("SAMLLogout", d.signedOut))
	register := d.shared("OAuthRegister", d.register)
	for path, methods := range map[string]map[string]http.HandlerFunc{
		"/oauth2/token":           {http.MethodPost: d.shared("OAuthToken", d.token)},
		"/oauth2/userInfo":        {http.MethodGet: d.shared("OAuthUserInfo", d.userInfo), http.MethodPost: d.shared("OAuthUserInfo", d.userInfo)},
		"/oauth2/revoke":          {http.MethodPost: d.shared("OAuthRevoke", d.revoke)},
		"/oauth2/register":        {http.MethodPost: register},
		"/{pool}/oauth2/register": {http.MethodPost: register},
	} {
		sharedEndpoints.Mount(mux, path, methods)
	}
}

// shared is serve for an endpoint that pages of any origin may call.
func (d *Door) shared(name string, handle endpoint) http.HandlerFunc {
	return d.serve(name, func(w http.ResponseWriter, r *http.Request) error {
		sharedEndpoints.Open(w.Header())
		return handle(w, r)
	})
}

// endpoint handles one request. What it returns has been told to the client already; it is counted and, if it is a failure of ours, logged.
type endpoint func(w http.ResponseWriter, r *http.Request) error

// serve puts around an endpoint what all have: who calls, headers, a count and a log line.
func (d *Door) serve(name string, handle endpoint) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		start := d.Now()
		by := d.Callers.Of(r)
		h := w.Header()
		h.Set("X-Amz-Cognito-Request-Id", by.RequestID)
		h.Set("Cache-Control", "no-cache, no-store, max-age=0, must-revalidate")
		h.Set("Pragma", "no-cache")
		h.Set("Expires", "0")
		door.Secure(h)
		err := errPanicked
		defer func() { d.note(r.Context(), name, by, d.Now().Sub(start), err) }()
		err = handle(w, r.WithContext(caller.With(r.Context(), by)))
	}
}

// errPanicked is the outcome of an endpoint that did not return.
var errPanicked = errors.New("the endpoint panicked")

// note counts and logs how a request ended.
func (d *Door) note(ctx context.Context, name string, by caller.Caller, took time.Duration, err error) {
	code, level := "OK", slog.LevelDebug
	var no *authorize.Refusal
	var f *fault.Error
	switch {
	case errors.As(err, &no):
		code = no.Code
	case fault.Abandoned(ctx, err):
		code = fault.Canceled
	case errors.As(err, &f):
		code = string(f.Code)
	case err != nil:
		code, level = authorize.ServerError, slog.LevelError
	}
	d.Observe(ctx, name, code, took)
	attrs := []slog.Attr{
		slog.String("operation", name), slog.String("code", code), slog.Duration("took", took), slog.String("request", by.RequestID),
		slog.String("source", by.SourceIP),
	}
	if err != nil {
		attrs = append(attrs, slog.String("error", err.Error()))
	}
	d.Log.LogAttrs(ctx, level, "request", attrs...)
}

// errNoHost is the answer on a host of ours that no pool has.
var errNoHost = &authorize.Refusal{Code: authorize.NotFound}

// pool returns the pool of the host; empty on the main address.
func (d *Door) pool(r *http.Request) (string, error) {
	poolID, ok, err := d.PoolOf(r.Context(), r.Host)
	if err != nil {
		return "", err
	}
	if !ok {
		return "", errNoHost
	}
	return poolID, nil
}

// parameters reads the query of a request that a browser was sent with.
func parameters(r *http.Request) (url.Values, error) {
	query, err := door.Parameters(r.URL.RawQuery)
	if err != nil {
		return nil, authorize.Malformed(err)
	}
	return query, nil
}

// tooMany is the answer above a rate limit.
var tooMany = &authorize.Refusal{Code: authorize.InvalidRequest, Text: "Rate exceeded"}
