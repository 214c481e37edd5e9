package config

import (
	"slices"
	"strings"
)

// Variables returns the names of the environment variables that are settings.
func Variables() []string {
	var names []string
	for _, s := range table {
		if s.Env != "" {
			names = append(names, s.Env)
		}
	}
	return names
}

// others are variables of the same prefix that are not settings: those that the examples and the command for users read, those of the
// tests, and those that Kubernetes sets for a service called cenote.
var others = []string{"CENOTE_URL", "CENOTE_POOL_ID", "CENOTE_CLIENT_ID", "CENOTE_CLIENT_SECRET", "CENOTE_TEST_*", "CENOTE_SERVICE_*", "CENOTE_PORT", "CENOTE_PORT_*"}

// Unknown lists the variables of an environment (as os.Environ) that look like settings and are not: slips, most of them.
func Unknown(environ []string) []string {
	var found []string
	known := Variables()
	for _, line := range environ {
		name, _, _ := strings.Cut(line, "=")
		if !strings.HasPrefix(name, "CENOTE_") || slices.Contains(known, name) || slices.Contains(found, name) {
			continue
		}
		if !slices.ContainsFunc(others, func(other string) bool {
			prefix, open := strings.CutSuffix(other, "*")
			return name == other || open && strings.HasPrefix(name, prefix)
		}) {
			found = append(found, name)
		}
	}
	return found
}
