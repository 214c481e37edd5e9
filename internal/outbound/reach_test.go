package outbound

import (
	"errors"
	"net/netip"
	"net/url"
	"testing"
)

func TestWhatMayBeDialed(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		address                   string
		operator, public, private bool // whether HTTPS reaches it
		operatorPlain             bool // whether the operator's HTTP does
	}{
		{"93.184.215.14", true, true, true, false},
		{"2606:2800:21f:cb07::1", true, true, true, false},
		{"127.0.0.1", true, false, true, true},
		{"127.9.8.7", true, false, true, true},
		{"::1", true, false, true, true},
		{"::ffff:127.0.0.1", true, false, true, true},
		{"::127.0.0.1", true, false, true, true},
		{"64:ff9b::7f00:1", true, false, true, true},
		{"64:ff9b::808:808", true, true, true, false},
		{"2002:a00:1::1", true, false, true, true},
		{"10.1.2.3", true, false, true, true},
		{"172.16.0.1", true, false, true, true},
		{"192.168.1.1", true, false, true, true},
		{"fd12:3456::1", true, false, true, true},
		{"100.64.0.1", true, false, true, false},
		{"198.18.0.1", true, false, true, false},
		{"240.0.0.1", true, false, true, false},
		{"255.255.255.255", true, false, true, false},
		{"fec0::1", true, false, true, false},
		{"169.254.169.254", false, false, false, false},
		{"::ffff:169.254.169.254", false, false, false, false},
		{"64:ff9b::a9fe:a9fe", false, false, false, false},
		{"2002:a9fe:a9fe::1", false, false, false, false},
		{"fd00:ec2::254", false, false, false, false},
		{"fd20:ce::254", false, false, false, false},
		{"100.100.100.200", false, false, false, false},
		{"168.63.129.16", false, false, false, false},
		{"192.0.0.192", false, false, false, false},
		{"fe80::1", false, false, false, false},
		{"fe80::1%eth0", false, false, false, false},
		{"224.0.0.1", false, false, false, false},
		{"ff02::1", false, false, false, false},
		{"0.0.0.0", false, false, false, false},
		{"::", false, false, false, false},
	} {
		ip := netip.MustParseAddr(tc.address)
		for _, r := range []struct {
			name   string
			reach  Reach
			secure bool
			want   bool
		}{
			{"operator", Operator, true, tc.operator},
			{"operator without TLS", Operator, false, tc.operatorPlain},
			{"public", Public, true, tc.public},
			{"private", Private, true, tc.private},
			{"private without TLS", Private, false, tc.private},
		} {
			err := r.reach.check(ip, r.secure)
			if (err == nil) != r.want || (err != nil && !errors.Is(err, ErrAddress)) {
				t.Errorf("%s to %s: got %v, want allowed: %v", r.name, tc.address, err, r.want)
			}
		}
	}
}

func TestWhatAURLMaySay(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		url                       string
		operator, public, private bool
	}{
		{"https://idp.example/a", true, true, true},
		{"https://idp.example:443/a", true, true, true},
		{"https://idp.example:8443/a", true, false, true},
		{"http://idp.example/a", true, false, true}, // the operator's is refused when the address turns out public
		{"http://127.0.0.1:1/a", true, false, true},
		{"http://93.184.215.14/a", false, false, true},
		{"https://[::ffff:10.0.0.1]/a", true, false, true},
		{"https://[::1]/a", true, false, true},
		{"https://169.254.169.254/latest", false, false, false},
		{"ftp://idp.example/a", false, false, false},
		{"file:///etc/passwd", false, false, false},
		{"https:///a", false, false, false},
		{"gopher://127.0.0.1", false, false, false},
	} {
		u, err := url.Parse(tc.url)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range []struct {
			name  string
			reach Reach
			want  bool
		}{{"operator", Operator, tc.operator}, {"public", Providers(false), tc.public}, {"private", Providers(true), tc.private}} {
			err := r.reach.CheckURL(u)
			if (err == nil) != r.want || (err != nil && !errors.Is(err, ErrAddress)) {
				t.Errorf("%s to %s: got %v, want allowed: %v", r.name, tc.url, err, r.want)
			}
		}
	}
}
