package door

import (
	"net/url"
	"strings"
)

// Parameters reads a query or the body of a form. Unlike url.URL.Query, it loses nothing: a semicolon means itself (WHATWG URL, section 5.1), and
// a value that cannot be decoded is an error. A code_challenge or a scope that went unnoticed would widen what was asked for.
func Parameters(encoded string) (url.Values, error) {
	return url.ParseQuery(strings.ReplaceAll(encoded, ";", "%3B"))
}
