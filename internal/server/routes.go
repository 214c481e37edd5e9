package server

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/cenote-id/cenote/internal/dev"
	"github.com/cenote-id/cenote/internal/oidc"
	"github.com/cenote-id/cenote/internal/token"
)

// mount gives each server its handler.
func (s *Server) mount(door http.Handler, issuer *token.Issuer) {
	mux := http.NewServeMux()
	s.health.routes(mux)
	documents := oidc.Door{Pool: s.data.Pool, Tokens: issuer, Now: s.now, Log: s.log}
	documents.Routes(mux)
	if s.Dev != nil {
		var hosts []string
		if u, err := url.Parse(s.URL); err == nil {
			hosts = append(hosts, u.Hostname())
		}
		dev.Routes(mux, s.Dev.Inbox, s.Dev.Clock, hosts...)
		mux.Handle("GET /{$}", http.RedirectHandler(inboxPath, http.StatusFound))
	}
	s.main.Handler = split(door, mux)
	if s.second == nil {
		mux.Handle("GET /metrics", s.metrics.handler())
		return
	}
	other := http.NewServeMux()
	s.health.routes(other)
	other.Handle("GET /metrics", s.metrics.handler())
	s.second.Handler = other
}

// split sends calls of operations to the door and everything else to the routes. Clients append their own paths to an endpoint, some
// with two slashes, which the mux would answer with a redirect; so the door gets every path that no route is meant for.
func split(door, routes http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if (r.Method == http.MethodPost || r.Method == http.MethodOptions) && !routed(r.URL.Path) {
			door.ServeHTTP(w, r)
			return
		}
		routes.ServeHTTP(w, r)
	})
}

// routed reports whether a path belongs to a route, whatever the method.
func routed(path string) bool {
	return strings.HasPrefix(path, "/oauth2/") || strings.HasPrefix(path, "/_cenote/") || strings.Contains(path, "/.well-known/")
}
