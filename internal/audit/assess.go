package audit

import (
	"net/netip"
	"time"

	"github.com/cenote-id/cenote/internal/user"
)

// The levels of risk, as events spell them.
const (
	low    = "Low"
	medium = "Medium"
	high   = "High"
)

// The bounds by which a sign-in is judged.
const (
	historySize     = 50                  // events of the user that are looked at
	familiarFor     = 90 * 24 * time.Hour // how long a place or device stays familiar without being used
	travelTime      = 10 * time.Minute    // within which nobody is in three networks
	travelNetworks  = 3
	burstTime       = time.Minute // within which nobody signs in so often
	burstSignIns    = 20
	recentFailures  = 15 * time.Minute
	suspectFailures = 3 // wrong passwords just before the right one
)

// sighting is where and by what somebody signs in.
type sighting struct {
	ip, browser, system string
	knownDevice         bool // proved to be one that the user has confirmed
	failures            user.Counter
}

// assess tells the risk of a sign-in from what the user did before: "" for none. It adds up signs, each of which has an innocent
// explanation; together they are less and less likely.
//
//	a network that is new to the user             1
//	a browser or system that is new to the user   1
//	several wrong passwords just before           1
//	more networks than one person can be in       2
//	more sign-ins than one person can make        2
//	a place and device that were reported before  3
//
// One is low, two are medium, three and more high. A user without a history has nothing to differ from, nor has one of whose sign-ins a server
// said nothing.
func assess(now time.Time, s sighting, history []user.Event) string {
	score := 0
	network := networkOf(s.ip)
	placed, equipped := false, false // whether anything is known to compare with
	sameNetwork, sameDevice, reported := false, false, false
	burst := 1
	networks := map[string]bool{}
	if network != "" {
		networks[network] = true
	}
	for _, e := range history {
		if e.Type != user.SignInEvent {
			continue
		}
		age := now.Sub(e.Time)
		here, alike := network != "" && networkOf(e.IP) == network, sameKind(e, s)
		if age < travelTime && networkOf(e.IP) != "" {
			networks[networkOf(e.IP)] = true
		}
		if age < burstTime {
			burst++
		}
		if e.Feedback != nil && e.Feedback.Value == "Invalid" {
			reported = reported || here && alike
			continue
		}
		trusted := e.Feedback != nil && e.Feedback.Value == "Valid"
		if age < familiarFor && (e.Result == user.EventPass || trusted) {
			placed, equipped = placed || networkOf(e.IP) != "", equipped || e.Browser+e.System != ""
			sameNetwork, sameDevice = sameNetwork || here, sameDevice || alike
		}
	}
	if placed && network != "" && !sameNetwork {
		score++
	}
	if equipped && s.browser+s.system != "" && !sameDevice && !s.knownDevice {
		score++
	}
	if s.failures.Count >= suspectFailures && now.Sub(s.failures.Last) < recentFailures {
		score++
	}
	if len(networks) >= travelNetworks {
		score += 2
	}
	if burst > burstSignIns {
		score += 2
	}
	if reported {
		score += 3
	}
	switch {
	case score == 0:
		return ""
	case score == 1:
		return low
	case score == 2:
		return medium
	}
	return high
}

// networkOf returns the network of an address: what a provider gives one customer, or one site. "" for what is no address.
func networkOf(ip string) string {
	addr, err := netip.ParseAddr(ip)
	if err != nil {
		return ""
	}
	bits := 24
	if addr.Is6() {
		bits = 48
	}
	prefix, err := addr.Prefix(bits)
	if err != nil {
		return ""
	}
	return prefix.String()
}

// sameKind reports whether an event came from such a browser on such a system. Their versions grow without anybody's doing.
func sameKind(e user.Event, s sighting) bool {
	return e.Browser+e.System != "" && unversioned(e.Browser) == unversioned(s.browser) && unversioned(e.System) == unversioned(s.system)
}

// unversioned cuts the version off a name: "Chrome 126" is Chrome.
func unversioned(name string) string {
	i := len(name)
	for i > 0 && (name[i-1] == '.' || name[i-1] >= '0' && name[i-1] <= '9') {
		i--
	}
	if i < len(name) && i > 0 && name[i-1] == ' ' {
		return name[:i-1]
	}
	return name
}
