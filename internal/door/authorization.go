package door

import (
	"net/http"
	"strings"
)

// Authorization returns the scheme, in lower case, and the credentials of the Authorization header (RFC 9110, section 11.4). Both are empty
// without the header. It reports false when there are several: a proxy in front may have checked another one than we would.
func Authorization(r *http.Request) (scheme, credentials string, once bool) {
	given := r.Header.Values("Authorization")
	if len(given) == 0 {
		return "", "", true
	}
	scheme, credentials, _ = strings.Cut(given[0], " ")
	return strings.ToLower(scheme), strings.TrimLeft(credentials, " "), len(given) == 1
}
