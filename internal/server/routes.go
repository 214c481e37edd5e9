package server

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/google/uuid"

	"github.com/cenote-id/cenote/internal/api/userpools"
	"github.com/cenote-id/cenote/internal/caller"
	"github.com/cenote-id/cenote/internal/door/dev"
	"github.com/cenote-id/cenote/internal/door/oauth"
	"github.com/cenote-id/cenote/internal/door/pages"
	"github.com/cenote-id/cenote/internal/door/rpc"
	"github.com/cenote-id/cenote/internal/token"
)

// mount gives each server its handler.
func (s *Server) mount(door http.Handler, issuer *token.Issuer, service *userpools.Service) {
	mux := http.NewServeMux()
	s.health.routes(mux)
	documents := oauth.Door{Pool: s.data.Pool, Tokens: issuer, Now: s.now, Log: s.log}
	documents.Routes(mux)
	pages := pages.Door{Operations: service, Caller: s.callerOf, Log: s.log}
	pages.Routes(mux)
	if s.Dev != nil {
		var hosts []string
		if u, err := url.Parse(s.URL); err == nil {
			hosts = append(hosts, u.Hostname())
		}
		dev.Routes(mux, s.Dev.Inbox, s.Dev.Clock, hosts...)
		dev.TriggerRoutes(mux, s.Dev.Triggers, service.Triggers.Replay, s.Dev.keys, hosts...)
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

// callerOf says who asks for a page.
func (s *Server) callerOf(r *http.Request) caller.Caller {
	return caller.Caller{
		RequestID: uuid.NewString(), SourceIP: rpc.SourceIP(r, s.options.Config.TrustedProxies), UserAgent: caller.CutAgent(r.UserAgent()),
	}
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
