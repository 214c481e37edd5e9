package server

import (
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"

	"github.com/cenote-id/cenote/internal/pool"
)

// A development server is at 127.0.0.1, but an address can have no passkeys (WebAuthn, section 5.1.3: the relying party is a domain). So the pages
// of a pool whose passkeys are localhost's are at localhost, where the same server answers: browsers that come by the address are sent there.

const localhost = "localhost"

// atLocalhost reports whether the pages of a pool are at localhost.
func (s *Server) atLocalhost(p *pool.Pool) bool {
	return s.Dev != nil && p.RelyingPartyID(s.URL) == localhost
}

// site returns base, the address of a pool's pages, with localhost in place of an address of this machine where the pool's pages are at localhost.
func (s *Server) site(base func(*pool.Pool) string) func(*pool.Pool) string {
	return func(p *pool.Pool) string {
		at := base(p)
		u, err := url.Parse(at)
		if err != nil || !s.atLocalhost(p) {
			return at
		}
		if host, ok := named(u.Host); ok {
			u.Host = host
		}
		return u.String()
	}
}

// toLocalhost sends a browser on that opens a page of such a pool at an address of this machine. Browsers say that they open one (Fetch Metadata,
// section 2.2); programs, which have no passkeys, are answered where they ask.
func (s *Server) toLocalhost(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host, isAddress := named(r.Host)
		id := ""
		if isAddress && r.Method == http.MethodGet && r.Header.Get("Sec-Fetch-Mode") == "navigate" && !strings.HasPrefix(r.URL.Path, homePath) {
			id = r.URL.Query().Get("client_id")
		}
		if id == "" {
			next.ServeHTTP(w, r)
			return
		}
		if p, _, err := s.data.Client(r.Context(), id); err != nil || !s.atLocalhost(p) { // an unknown client is told so by the page
			next.ServeHTTP(w, r)
			return
		}
		u := *r.URL
		if u.Scheme, u.Host = "http", host; r.TLS != nil {
			u.Scheme = "https"
		}
		http.Redirect(w, r, u.String(), http.StatusFound)
	})
}

// named returns localhost with the port of an address of this machine; ok is false for other hosts.
func named(host string) (name string, ok bool) {
	at, port, err := net.SplitHostPort(host)
	if err != nil {
		at, port = strings.Trim(host, "[]"), ""
	}
	if ip, err := netip.ParseAddr(at); err != nil || !ip.IsLoopback() {
		return "", false
	}
	if port == "" {
		return localhost, true
	}
	return net.JoinHostPort(localhost, port), true
}
