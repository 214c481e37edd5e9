package dev

import (
	"errors"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// Guard keeps foreign web pages out of a server where nobody has to sign. A page elsewhere can make a browser send requests to localhost,
// and by DNS rebinding under a name of its own; so the Host must mean this machine, and so must the Origin, if there is one.
type Guard struct {
	Hosts []string // names of this server besides localhost, without a port
	// Exposed is set where other machines and containers are served too: they know this one by an address, by a name without a dot or
	// by one of a private domain. No page of the Internet has such a name, so that rebinding stays impossible.
	Exposed bool
}

var (
	errSite = errors.New("requests from other sites are refused")
	errPage = errors.New("requests from pages that are not on this machine are refused")
)

// CheckHost refuses requests that were addressed to another name than this machine's.
func (g Guard) CheckHost(r *http.Request) error {
	if g.local(r.Host) {
		return nil
	}
	text := "this server is for its own machine only, at localhost"
	if !g.Exposed {
		text += "; start it as cenote dev --expose to serve other machines and containers"
	}
	return errors.New(text)
}

// Check is CheckHost for what foreign pages must not ask either.
func (g Guard) Check(r *http.Request) error {
	if err := g.CheckHost(r); err != nil {
		return err
	}
	origin := r.Header.Get("Origin")
	switch {
	case origin == "":
		if http.NewCrossOriginProtection().Check(r) != nil { // knows browsers that send Sec-Fetch-Site
			return errSite
		}
	case !g.localOrigin(origin):
		return errPage
	}
	return nil
}

// ForHost lets a request that was addressed to this machine through to next, whatever page made it.
func (g Guard) ForHost(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := g.CheckHost(r); err != nil {
			refuse(w, http.StatusForbidden, err.Error())
			return
		}
		next.ServeHTTP(w, r)
	})
}

// protect lets a request through to next, with what a page on another local port needs to read the answer.
func (g Guard) protect(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Set("Cache-Control", "no-store")
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("Referrer-Policy", "no-referrer")
		header.Add("Vary", "Origin, Accept")
		if err := g.Check(r); err != nil {
			refuse(w, http.StatusForbidden, err.Error())
			return
		}
		if origin := r.Header.Get("Origin"); origin != "" {
			header.Set("Access-Control-Allow-Origin", origin)
			header.Set("Access-Control-Expose-Headers", "ETag")
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

func (g Guard) localOrigin(origin string) bool {
	u, err := url.Parse(origin)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && g.local(u.Host)
}

// local reports whether a host, with or without port, means this machine. Browsers and resolvers keep every name under
// localhost at home (RFC 6761, section 6.3).
func (g Guard) local(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.ToLower(strings.TrimSuffix(strings.Trim(host, "[]"), "."))
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	if err == nil && ip.Unmap().IsLoopback() {
		return true
	}
	if g.Exposed && host != "" && (err == nil || private(host)) {
		return true
	}
	return slices.ContainsFunc(g.Hosts, func(h string) bool { return strings.EqualFold(h, host) })
}

// private reports whether a name means nothing in the public DNS: that of a container or a machine on the same network.
func private(name string) bool {
	return !strings.Contains(name, ".") || slices.ContainsFunc([]string{".internal", ".local", ".home.arpa", ".lan", ".test"}, func(domain string) bool {
		return strings.HasSuffix(name, domain)
	})
}
