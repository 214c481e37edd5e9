package carrier

import (
	"slices"
	"strings"
)

// harmless are the variables that a function's process inherits without being told: what programs need to run, and where to call. The
// rest of the server's environment holds its secrets (PGPASSWORD, AWS keys, its own settings) and is not the function's.
var harmless = []string{
	"PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LANGUAGE", "TMPDIR", "TMP", "TEMP",
	"SSL_CERT_FILE", "SSL_CERT_DIR", "NODE_EXTRA_CA_CERTS", "AWS_REGION", "AWS_DEFAULT_REGION",
	"SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "COMSPEC", "PATHEXT", "USERPROFILE", "APPDATA", "LOCALAPPDATA", "PROGRAMFILES", "PROGRAMDATA", // Windows
}

// harmlessPrefixes begin the names of more of them.
var harmlessPrefixes = []string{"LC_", "AWS_ENDPOINT_URL"}

// inherited returns the variables of the environment that a function's process gets: the harmless ones and those that the operator named.
func inherited(environ, named []string) []string {
	var kept []string
	for _, v := range environ {
		name, _, _ := strings.Cut(v, "=")
		upper := strings.ToUpper(name)
		switch {
		case strings.HasPrefix(upper, "CENOTE_"): // the settings of the server
		case slices.Contains(named, name), slices.Contains(harmless, upper),
			slices.ContainsFunc(harmlessPrefixes, func(p string) bool { return strings.HasPrefix(upper, p) }):
			kept = append(kept, v)
		}
	}
	return kept
}
