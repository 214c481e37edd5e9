package server

import (
	"net/http"
	"strings"
	"time"

	"github.com/cenote-id/cenote/internal/api"
	"github.com/cenote-id/cenote/internal/api/identitypools"
	"github.com/cenote-id/cenote/internal/api/userpools"
	"github.com/cenote-id/cenote/internal/authorize"
	"github.com/cenote-id/cenote/internal/door"
	"github.com/cenote-id/cenote/internal/door/oauth"
	"github.com/cenote-id/cenote/internal/door/pages"
	"github.com/cenote-id/cenote/internal/door/upload"
	"github.com/cenote-id/cenote/internal/external"
	"github.com/cenote-id/cenote/internal/federate"
	"github.com/cenote-id/cenote/internal/importer"
	"github.com/cenote-id/cenote/internal/outbound"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/standin"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/token"
	"github.com/cenote-id/cenote/internal/wire"
)

// mount gives each server its handler.
func (s *Server) mount(operations http.Handler, table *api.Table, issuer *token.Issuer, service *userpools.Service, identities *identitypools.Service) {
	mux := http.NewServeMux()
	s.health.routes(mux)
	hosts := authorize.Hosts{Store: s.data.Store, PublicURL: s.URL, AuthHost: s.options.Config.AuthHost}
	documents := oauth.Documents{Pool: s.data.Pool, Base: hosts.Base, Tokens: issuer, Now: s.now, Log: s.log}
	documents.Routes(mux)
	oauth.IdentityDocuments{Keys: identities.OpenID.Keys, Now: s.now, Issuer: identitypools.OpenIDIssuer(issuer), Base: s.URL, Log: s.log}.Routes(mux)
	applications := &authorize.Service{Store: s.data.Store, SignIn: service.SignIn, Tokens: issuer, Now: s.now, AccountPages: s.options.Config.AccountPages}
	cookies := door.Cookies{HTTPS: strings.HasPrefix(s.URL, "https:"), Both: s.Dev != nil, LongestSession: pool.LongestBrowserSession}
	byLink := s.rates.Wrap(api.Bind(wire.UserPools, "ConfirmSignUp", service.ConfirmSignUpByLink))
	byPage := table.With(
		api.Bind(wire.UserPools, "SignUp", service.SignUpByPage), api.Bind(wire.UserPools, "ConfirmSignUp", service.ConfirmSignUpByPage),
	)
	login := pages.Door{
		Operations: byPage, ByLink: byLink, SignIn: service.SignIn, Authorize: applications, Limits: s.rates, Callers: s.callers(), Cookies: cookies,
		PoolOf: hosts.PoolOf, Texts: s.texts, Now: s.now, Log: s.log,
	}
	login.Routes(mux)
	providers := &external.Service{
		Store: s.data.Store, Authorize: applications, SignIn: service.SignIn, Triggers: service.Triggers, Base: s.site(hosts.Base), Now: s.now,
		Party: federate.NewRelyingParty(s.providerReach(), nil, s.now), Resolver: service.Providers, Extensions: s.options.Config.ProviderExtensions, Reveal: s.Dev != nil, Keys: service.Keys, Log: s.log,
	}
	if s.Dev != nil {
		people := standin.New(s.URL, s.now)
		mux.Handle(standin.Path, s.devGuard().ForHost(people))
		providers.Party = federate.NewRelyingParty(s.providerReach(), people.At, s.now)
	}
	s.providers = providers
	endpoints := oauth.Door{
		Authorize: applications, External: providers, Operations: table, Limits: s.rates, Callers: s.callers(), Cookies: cookies, PublicURL: s.URL,
		PoolOf: hosts.PoolOf, ErrorPage: login.ShowError, SignInPage: login.ShowSignIn, SignOutPage: login.ShowSignOut, ChallengePage: login.GoOn, Observe: s.metrics.observe, Now: time.Now, Log: s.doorLog(),
	}
	endpoints.Routes(mux)
	upload.Door{Uploads: importer.Uploads{Store: s.data.Store, Now: s.now}, Wall: time.Now, Log: s.doorLog()}.Routes(mux)
	if s.Dev != nil {
		s.devDoor(service).Routes(mux)
		mux.Handle("GET /{$}", http.RedirectHandler(homePath, http.StatusFound))
	}
	mux.Handle("POST /{$}", operations) // without a target: refused as an unknown operation
	mux.Handle("OPTIONS /{$}", operations)
	routes := door.Unknown{Callers: s.callers(), ErrorPage: login.ShowError}.Handler(mux, door.Readable(mux))
	if s.Dev != nil {
		routes = s.toLocalhost(routes)
	}
	recovery := door.Recovery{Callers: s.callers(), ErrorPage: login.ShowError, Log: s.log}
	s.main.Handler = s.traces.Handler(s.metrics.count(s.health.closing(unambiguous(s.patient(split(operations, recovery.Handler(routes)))))))
	if s.second == nil {
		mux.Handle("GET /metrics", s.metrics.handler())
		return
	}
	other := http.NewServeMux()
	s.health.routes(other)
	other.Handle("GET /metrics", s.metrics.handler())
	s.second.Handler = other
}

// providerReach is which identity providers may be called.
func (s *Server) providerReach() outbound.Reach {
	return outbound.Providers(s.options.Config.AllowPrivateProviders || s.options.Dev)
}

// callers tells the doors who sends a request.
func (s *Server) callers() door.Callers {
	return door.Callers{TrustedProxies: s.options.Config.TrustedProxies}
}

// patient has a request wait for the database no longer than the operator's limit, however many transactions it makes.
func (s *Server) patient(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r.WithContext(store.Patient(r.Context(), s.options.Config.DatabaseWait)))
	})
}

// unambiguous ends the connection behind a chunked request. With a Content-Length beside, such a request means one thing to us and may
// have meant another to a proxy in front, and what follows on the connection would be taken for a request of somebody else's (RFC 9112,
// section 6.3). net/http drops the Content-Length before anybody sees it, so that all chunked requests are treated alike; clients of the
// API send none.
func unambiguous(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if len(r.TransferEncoding) > 0 {
			w.Header().Set("Connection", "close")
		}
		next.ServeHTTP(w, r)
	})
}

// split sends to the JSON door every request that names an operation, and every preflight that asks to name one, whatever the path:
// clients append paths of their own to an endpoint, some with two slashes, which the mux would answer with a redirect.
func split(operations, routes http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if namesOperation(r) {
			operations.ServeHTTP(w, r)
			return
		}
		routes.ServeHTTP(w, r)
	})
}

// namesOperation reports whether a request is for the JSON door. What a development server stands in for, KMS, names operations of its own.
func namesOperation(r *http.Request) bool {
	if strings.HasPrefix(r.URL.Path, "/_cenote/") {
		return false
	}
	if r.Method == http.MethodOptions {
		return strings.Contains(strings.ToLower(r.Header.Get("Access-Control-Request-Headers")), "x-amz-target")
	}
	return r.Header.Get("X-Amz-Target") != ""
}
