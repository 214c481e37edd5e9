package outbound

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
)

// ErrAddress means that the address or the URL may not be called.
var ErrAddress = errors.New("address refused")

// Reach says what may be called. Cloud metadata services, link-local, multicast and unspecified addresses are out of every reach.
type Reach struct {
	private     bool // HTTPS may lead to loopback and private addresses
	plain       bool // HTTP is allowed at all, to loopback and private addresses
	plainPublic bool // HTTP may also cross a public network
	anyPort     bool // ports other than 443
	proxy       bool // the proxy of the environment carries HTTPS; it resolves the names then
}

// The reaches.
var (
	// Operator is for URLs in the operator's own settings. Without TLS only loopback and private addresses are reached: codes and
	// passwords do not cross a public network in the clear.
	Operator = Reach{private: true, plain: true, anyPort: true, proxy: true}
	// Public is for URLs that others name, such as those of identity providers: HTTPS on port 443, and public addresses only. It does
	// not use a proxy, which would resolve the names beyond the check.
	Public = Reach{}
	// Private is for the same URLs where the operator allows private providers: HTTP, any port and private addresses.
	Private = Reach{private: true, plain: true, plainPublic: true, anyPort: true, proxy: true}
)

// Providers returns the reach of requests to identity providers: Public, or Private when the operator allows private ones.
func Providers(allowPrivate bool) Reach {
	if allowPrivate {
		return Private
	}
	return Public
}

// CheckURL reports whether the URL could be called, as far as its text tells. It resolves no name; that is checked when it is called. The
// error does not quote the URL, which may hold a secret.
func (r Reach) CheckURL(u *url.URL) error {
	switch {
	case u.Scheme != "https" && (u.Scheme != "http" || !r.plain):
		if r.plain {
			return fmt.Errorf("%w: the URL is neither http nor https", ErrAddress)
		}
		return fmt.Errorf("%w: the URL is not https", ErrAddress)
	case u.Hostname() == "":
		return fmt.Errorf("%w: the URL names no host", ErrAddress)
	case !r.anyPort && u.Port() != "" && u.Port() != "443":
		return fmt.Errorf("%w: port %s is not 443", ErrAddress, u.Port())
	}
	if ip, err := netip.ParseAddr(u.Hostname()); err == nil {
		return r.check(ip, u.Scheme == "https")
	}
	return nil
}

// check reports whether the address may be dialed.
func (r Reach) check(ip netip.Addr, secure bool) error {
	ip = embedded(ip.Unmap().WithZone(""))
	inside := ip.IsLoopback() || ip.IsPrivate()
	switch {
	case ip.IsLinkLocalUnicast() || ip.IsMulticast() || ip.IsUnspecified() || within(ip, metadata):
		return fmt.Errorf("%w: %s is link-local, a metadata service or no host at all", ErrAddress, ip)
	case !r.private && (inside || within(ip, special)):
		return fmt.Errorf("%w: %s is not a public address", ErrAddress, ip)
	case !secure && !r.plainPublic && !inside:
		return fmt.Errorf("%w: %s is neither loopback nor private; use https", ErrAddress, ip)
	}
	return nil
}

// metadata is where clouds keep credentials of the machine beside the link-local 169.254.169.254.
var metadata = prefixes(
	"fd00:ec2::/32",      // AWS
	"fd20:ce::/32",       // Google Cloud
	"100.100.100.200/32", // Alibaba Cloud
	"168.63.129.16/32",   // Azure
	"192.0.0.192/32",     // Oracle Cloud
)

// special are the networks that the IANA registries of special-purpose addresses (RFC 6890) list as not globally reachable, beside loopback,
// private and link-local ones.
var special = prefixes(
	"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
	"240.0.0.0/4", "100::/64", "64:ff9b:1::/48", "2001::/23", "2001:db8::/32", "3fff::/20", "5f00::/16", "fec0::/10",
)

// The networks of IPv6 whose addresses lead to one of IPv4.
var (
	compatible = netip.MustParsePrefix("::/96")        // RFC 4291, deprecated
	nat64      = netip.MustParsePrefix("64:ff9b::/96") // RFC 6052
	sixToFour  = netip.MustParsePrefix("2002::/16")    // RFC 3056
)

// embedded returns the IPv4 address that an address of IPv6 leads to, or the address itself.
func embedded(ip netip.Addr) netip.Addr {
	b := ip.As16()
	switch {
	case ip.Is4() || ip == netip.IPv6Loopback() || ip == netip.IPv6Unspecified():
		return ip
	case compatible.Contains(ip), nat64.Contains(ip):
		return netip.AddrFrom4([4]byte(b[12:16]))
	case sixToFour.Contains(ip):
		return netip.AddrFrom4([4]byte(b[2:6]))
	}
	return ip
}

func within(ip netip.Addr, networks []netip.Prefix) bool {
	for _, n := range networks {
		if n.Contains(ip) {
			return true
		}
	}
	return false
}

func prefixes(texts ...string) []netip.Prefix {
	networks := make([]netip.Prefix, len(texts))
	for i, t := range texts {
		networks[i] = netip.MustParsePrefix(t)
	}
	return networks
}
