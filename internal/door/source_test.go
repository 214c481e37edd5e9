package door

import (
	"net/http"
	"net/netip"
	"testing"
)

func TestSourceIP(t *testing.T) {
	t.Parallel()
	trusted := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}
	tests := []struct {
		name, remote string
		forwarded    []string
		want         string
	}{
		{"a direct client", "192.0.2.1:5000", nil, "192.0.2.1"},
		{"a direct client that claims to be another", "192.0.2.1:5000", []string{"198.51.100.7"}, "192.0.2.1"},
		{"a client behind a proxy", "10.0.0.1:5000", []string{"198.51.100.7"}, "198.51.100.7"},
		{"a client behind two proxies", "10.0.0.1:5000", []string{"198.51.100.7, 10.2.3.4"}, "198.51.100.7"},
		{"a client behind two proxies that add a header each", "10.0.0.1:5000", []string{"198.51.100.7", "10.2.3.4"}, "198.51.100.7"},
		{"a client behind a proxy that claims to be another", "10.0.0.1:5000", []string{"203.0.113.9, 198.51.100.7"}, "198.51.100.7"},
		{"a proxy that says nothing", "10.0.0.1:5000", nil, "10.0.0.1"},
		{"a proxy that says an empty thing", "10.0.0.1:5000", []string{""}, "10.0.0.1"},
		{"a proxy's own request through another", "10.0.0.1:5000", []string{"10.2.3.4"}, "10.2.3.4"},
		{"a chain that breaks off", "10.0.0.1:5000", []string{"198.51.100.7, unknown, 10.2.3.4"}, "10.2.3.4"},
		{"a forwarded address with a port", "10.0.0.1:5000", []string{"198.51.100.7:1234"}, "198.51.100.7"},
		{"a forwarded IPv6 address", "10.0.0.1:5000", []string{"2001:db8::1"}, "2001:db8::1"},
		{"a forwarded IPv6 address with a port", "10.0.0.1:5000", []string{"[2001:db8::1]:1234"}, "2001:db8::1"},
		{"a proxy that listens on IPv6", "[::ffff:10.0.0.1]:5000", []string{"198.51.100.7"}, "198.51.100.7"},
		{"an IPv6 proxy with a zone", "[fd00::1%eth0]:5000", []string{"198.51.100.7"}, "198.51.100.7"},
		{"a connection without an address", "@", []string{"198.51.100.7"}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := &http.Request{RemoteAddr: tt.remote, Header: http.Header{"X-Forwarded-For": tt.forwarded}}
			if got := SourceIP(r, trusted); got != tt.want {
				t.Errorf("SourceIP = %q, want %q", got, tt.want)
			}
		})
	}
}
