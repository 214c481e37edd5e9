package audit

import (
	"testing"
	"time"

	"github.com/cenote-id/cenote/internal/user"
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// signedIn is a sign-in some time ago.
func signedIn(ago time.Duration, ip, browser, system string, change ...func(*user.Event)) user.Event {
	e := user.Event{Type: user.SignInEvent, Result: user.EventPass, Time: noon.Add(-ago), IP: ip, Browser: browser, System: system}
	for _, c := range change {
		c(&e)
	}
	return e
}

func feedback(value string) func(*user.Event) {
	return func(e *user.Event) { e.Feedback = &user.Feedback{Value: value} }
}

func failed(e *user.Event) { e.Result = user.EventFail }

func TestAssess(t *testing.T) {
	t.Parallel()
	const home, office, away, far = "192.0.2.10", "192.0.2.200", "198.51.100.1", "203.0.113.1"
	usual := signedIn(24*time.Hour, home, "Chrome 126", "Windows 10")
	here := sighting{ip: home, browser: "Chrome 126", system: "Windows 10"}
	for _, tc := range []struct {
		name    string
		now     sighting
		history []user.Event
		want    string
	}{
		{"the first sign-in of all", here, nil, ""},
		{"a sign-in as always", here, []user.Event{usual}, ""},
		{"another address of the same network", sighting{ip: office, browser: "Chrome 126", system: "Windows 10"}, []user.Event{usual}, ""},
		{"a newer version of the browser", sighting{ip: home, browser: "Chrome 127", system: "Windows 10"}, []user.Event{usual}, ""},
		{"after sign-ins of which nothing is known", here, []user.Event{signedIn(time.Hour, "", "", "")}, ""},
		{"a new network after a sign-in by an unknown browser", sighting{ip: away, browser: "Chrome 126"}, []user.Event{signedIn(time.Hour, home, "", "")}, low},
		{"a new network", sighting{ip: away, browser: "Chrome 126", system: "Windows 10"}, []user.Event{usual}, low},
		{"a new browser", sighting{ip: home, browser: "Firefox 126", system: "Windows 10"}, []user.Event{usual}, low},
		{"a new network and browser", sighting{ip: away, browser: "Firefox 126", system: "Linux"}, []user.Event{usual}, medium},
		{"a new browser on a device that was confirmed", sighting{ip: home, browser: "Firefox 126", system: "Linux", knownDevice: true}, []user.Event{usual}, ""},
		{
			"a new network and browser after wrong passwords",
			sighting{ip: away, browser: "Firefox 126", system: "Linux", failures: user.Counter{Count: 3, Last: noon.Add(-time.Minute)}},
			[]user.Event{usual},
			high,
		},
		{"wrong passwords long ago", sighting{ip: home, browser: "Chrome 126", system: "Windows 10", failures: user.Counter{Count: 4, Last: noon.Add(-time.Hour)}}, []user.Event{usual}, ""},
		{"two wrong passwords", sighting{ip: home, browser: "Chrome 126", system: "Windows 10", failures: user.Counter{Count: 2, Last: noon}}, []user.Event{usual}, ""},
		{
			"a place that has only seen failures",
			sighting{ip: away, browser: "Chrome 126", system: "Windows 10"},
			[]user.Event{signedIn(time.Hour, away, "Chrome 126", "Windows 10", failed), usual},
			low,
		},
		{
			"a place that was used long ago",
			sighting{ip: away, browser: "Chrome 126", system: "Windows 10"},
			[]user.Event{usual, signedIn(100*24*time.Hour, away, "Chrome 126", "Windows 10")},
			low,
		},
		{
			"a place and device that were reported",
			sighting{ip: away, browser: "Firefox 1", system: "Linux"},
			[]user.Event{signedIn(time.Hour, away, "Firefox 1", "Linux", feedback("Invalid")), usual},
			high,
		},
		{
			"a reported sign-in does not make a place familiar",
			sighting{ip: away, browser: "Chrome 126", system: "Windows 10"},
			[]user.Event{signedIn(time.Hour, away, "Firefox 1", "Linux", feedback("Invalid")), usual},
			low,
		},
		{
			"a blocked sign-in that the user vouched for",
			sighting{ip: away, browser: "Firefox 1", system: "Linux"},
			[]user.Event{signedIn(time.Hour, away, "Firefox 1", "Linux", failed, feedback("Valid")), usual},
			"",
		},
		{
			"three networks within minutes",
			sighting{ip: far, browser: "Chrome 126", system: "Windows 10"},
			[]user.Event{signedIn(time.Minute, home, "Chrome 126", "Windows 10"), signedIn(2*time.Minute, away, "Chrome 126", "Windows 10")},
			high,
		},
		{
			"three networks within hours, all of them known", here,
			[]user.Event{usual, signedIn(time.Hour, far, "Chrome 126", "Windows 10"), signedIn(2*time.Hour, away, "Chrome 126", "Windows 10")},
			"",
		},
		{"more sign-ins than a person makes", here, repeat(signedIn(30*time.Second, home, "Chrome 126", "Windows 10"), burstSignIns), medium},
		{"a server that does not say who it acts for", sighting{}, []user.Event{usual}, ""},
		{
			"other events say nothing",
			sighting{ip: away, browser: "Chrome 126", system: "Windows 10"},
			[]user.Event{{Type: user.ForgotPasswordEvent, Result: user.EventPass, Time: noon, IP: home}},
			"",
		},
		{
			"networks of IPv6",
			sighting{ip: "2001:db8:1:2::3", browser: "Chrome 126", system: "Windows 10"},
			[]user.Event{signedIn(time.Hour, "2001:db8:1:ffff::1", "Chrome 126", "Windows 10")},
			"",
		},
		{
			"another network of IPv6",
			sighting{ip: "2001:db8:2::3", browser: "Chrome 126", system: "Windows 10"},
			[]user.Event{signedIn(time.Hour, "2001:db8:1:ffff::1", "Chrome 126", "Windows 10")},
			low,
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if got := assess(noon, tc.now, tc.history); got != tc.want {
				t.Errorf("risk %q, want %q", got, tc.want)
			}
		})
	}
}

func repeat(e user.Event, n int) []user.Event {
	all := make([]user.Event, n)
	for i := range all {
		all[i] = e
	}
	return all
}

func TestUnversioned(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"Chrome 126": "Chrome", "macOS 10.15.7": "macOS", "AWS SDK for Go 1": "AWS SDK for Go", "Linux": "Linux", "Boto3": "Boto3", "": "", "7": "7",
	} {
		if got := unversioned(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}
