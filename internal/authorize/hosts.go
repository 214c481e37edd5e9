package authorize

import (
	"context"
	"net"
	"net/url"
	"strings"

	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
)

// Hosts tells under which addresses the pages and endpoints of pools are.
type Hosts struct {
	Store     *store.Store
	PublicURL string // of the server, without a trailing slash: the main address, which serves every pool
	AuthHost  string // below which the prefix domains are: <prefix>.<auth host>; empty: they have no address of their own
}

// PoolOf returns the pool that a host, with or without a port, belongs to; empty for the main address, where the client names its pool. It
// reports false for a name below the auth host that no pool has. The main address may lie below the auth host itself.
func (h Hosts) PoolOf(ctx context.Context, host string) (poolID string, ok bool, err error) {
	name := strings.ToLower(hostname(host))
	if h.isMain(name) {
		return "", true, nil
	}
	domain, kind, below := name, pool.CustomDomain, false
	if h.AuthHost != "" {
		if domain, below = strings.CutSuffix(name, "."+strings.ToLower(hostname(h.AuthHost))); below {
			kind = pool.PrefixDomain
		}
	}
	var d *pool.Domain
	err = h.Store.View(ctx, func(tx *store.Tx) (err error) { d, err = tx.Domain(domain); return err })
	switch {
	case err != nil:
		return "", false, err
	case d != nil && d.Kind == kind:
		return d.PoolID, true, nil
	}
	return "", !below, nil
}

// isMain reports whether a name is the server's own, or an address that can be no custom domain.
func (h Hosts) isMain(name string) bool {
	u, err := url.Parse(h.PublicURL)
	return err == nil && strings.EqualFold(u.Hostname(), name) || net.ParseIP(name) != nil || name == "localhost" || name == ""
}

// Base returns the address, without a trailing slash, at which the pool's pages and endpoints are: the custom domain if there is one, else the
// prefix below the auth host, else the main address.
func (h Hosts) Base(p *pool.Pool) string {
	u, err := url.Parse(h.PublicURL)
	if err != nil {
		return h.PublicURL
	}
	port := u.Port()
	switch {
	case p.Settings.CustomDomain != "":
		u.Host = p.Settings.CustomDomain
	case p.Settings.Domain != "" && h.AuthHost != "":
		u.Host = p.Settings.Domain + "." + h.AuthHost
	default:
		return h.PublicURL
	}
	if u.Port() == "" && port != "" {
		u.Host = net.JoinHostPort(u.Hostname(), port)
	}
	u.Path = ""
	return u.String()
}

// hostname returns a host without its port, and without the dot that a full name may end in (RFC 1034, section 3.1).
func hostname(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return strings.TrimSuffix(strings.Trim(host, "[]"), ".")
}
