package dev

import (
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// guard keeps foreign web pages out. A page elsewhere can make a browser send requests to localhost, and by DNS rebinding
// under a name of its own; so the Host must mean this machine, and so must the Origin, if there is one.
type guard struct {
	hosts []string // names allowed besides localhost
}

// protect lets a request through to next, with what a page on another local port needs to read the answer.
func (g guard) protect(next http.Handler) http.Handler {
	crossOrigin := http.NewCrossOriginProtection() // knows browsers that send Sec-Fetch-Site
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Set("Cache-Control", "no-store")
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("Referrer-Policy", "no-referrer")
		header.Add("Vary", "Origin, Accept")
		if !g.local(r.Host) {
			refuse(w, http.StatusForbidden, "this is for the machine itself only: use localhost")
			return
		}
		switch origin := r.Header.Get("Origin"); {
		case origin == "":
			if err := crossOrigin.Check(r); err != nil {
				refuse(w, http.StatusForbidden, "requests from other sites are refused")
				return
			}
		case g.localOrigin(origin):
			header.Set("Access-Control-Allow-Origin", origin)
			header.Set("Access-Control-Expose-Headers", "ETag")
		default:
			refuse(w, http.StatusForbidden, "requests from pages that are not on localhost are refused")
			return
		}
		next.ServeHTTP(w, r)
	})
}

// preflight answers the question that browsers ask before a DELETE or a JSON POST from another port.
func preflight(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Access-Control-Allow-Methods", "GET, POST, DELETE")
	w.Header().Set("Access-Control-Allow-Headers", "Accept, Content-Type, If-None-Match")
	w.Header().Set("Access-Control-Max-Age", "600")
	w.WriteHeader(http.StatusNoContent)
}

func (g guard) localOrigin(origin string) bool {
	u, err := url.Parse(origin)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && g.local(u.Host)
}

// local reports whether a host, with or without port, means this machine. Browsers and resolvers keep every name under
// localhost at home (RFC 6761, section 6.3).
func (g guard) local(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.ToLower(strings.TrimSuffix(strings.Trim(host, "[]"), "."))
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	if ip, err := netip.ParseAddr(host); err == nil && ip.Unmap().IsLoopback() {
		return true
	}
	return slices.ContainsFunc(g.hosts, func(h string) bool { return strings.EqualFold(h, host) })
}
