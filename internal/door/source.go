package door

import (
	"net/http"
	"net/netip"
	"strings"
)

// SourceIP returns the address a request comes from, without port or zone, or "" when the connection does not tell.
//
// X-Forwarded-For is believed only as far as trusted proxies wrote it: it is read from its end, and the first address that is no
// trusted proxy is the sender's. What a client wrote there itself stands further left and is never reached.
func SourceIP(r *http.Request, trusted []netip.Prefix) string {
	addr, ok := parseAddr(r.RemoteAddr)
	if !ok {
		return ""
	}
	if !isTrusted(addr, trusted) {
		return addr.String()
	}
	rest := strings.Join(r.Header.Values("X-Forwarded-For"), ",")
	for rest != "" && isTrusted(addr, trusted) {
		comma := strings.LastIndexByte(rest, ',')
		hop, ok := parseAddr(strings.TrimSpace(rest[comma+1:]))
		if !ok {
			break
		}
		addr, rest = hop, rest[:max(comma, 0)]
	}
	return addr.String()
}

// parseAddr reads an address with or without a port: "192.0.2.1", "192.0.2.1:80", "2001:db8::1", "[2001:db8::1]:80".
func parseAddr(s string) (netip.Addr, bool) {
	addr, err := netip.ParseAddr(strings.TrimSuffix(strings.TrimPrefix(s, "["), "]"))
	if err != nil {
		withPort, err := netip.ParseAddrPort(s)
		if err != nil {
			return netip.Addr{}, false
		}
		addr = withPort.Addr()
	}
	return addr.Unmap().WithZone(""), true
}

func isTrusted(addr netip.Addr, trusted []netip.Prefix) bool {
	for _, p := range trusted {
		if p.Contains(addr) {
			return true
		}
	}
	return false
}
