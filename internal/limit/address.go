package limit

import (
	"net/netip"
	"time"
)

// siteShare is how much more than one address a whole IPv6 site may send: it may be one household or the customers of a provider.
const siteShare = 16

// allowAddress takes a token from the bucket of the address. Of an IPv6 address only the first 64 bits count: a household, and so an
// attacker, has all those behind them. Whoever has a site (48 bits) has 65,536 of those, so that a site has a bucket as well.
func (l *Limits) allowAddress(k kind, ip string, now time.Time) bool {
	a, err := netip.ParseAddr(ip)
	if err != nil {
		return l.address.allow(k, ip, now)
	}
	if a = a.Unmap(); a.Is4() {
		return l.address.allow(k, a.String(), now)
	}
	site := kind{name: k.name + " of a site", share: k.share * siteShare}
	return l.address.allow(k, network(a, 64), now) && l.address.allow(site, network(a, 48), now)
}

func network(a netip.Addr, bits int) string {
	p, err := a.WithZone("").Prefix(bits)
	if err != nil {
		return a.String()
	}
	return p.String()
}
