package sigv4

import (
	"net/http"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/smithy-go/encoding/httpbinding"
)

// appendCanonical appends the text that a client signs to b, with the path as it is given. It answers false when the list of signed headers is
// not one that a client would make: sorted, in lower case, without doubles, and of headers that are there. checkSingle has made sure that none
// is there twice.
func appendCanonical(b []byte, r *http.Request, escapedPath string, bodyLength int, payload string, a *authorization) ([]byte, bool) {
	for _, line := range []string{r.Method, httpbinding.EscapePath(escapedPath, false), canonicalQuery(r.URL.RawQuery)} {
		b = append(append(b, line...), '\n')
	}
	for i, name := range a.signedHeaders {
		value, ok := signedValue(r, name, bodyLength)
		if !ok || name != strings.ToLower(name) || i > 0 && name <= a.signedHeaders[i-1] {
			return b, false
		}
		b = append(append(b, name...), ':')
		b = append(append(b, trimmed(value)...), '\n')
	}
	b = append(b, '\n')
	for i, name := range a.signedHeaders {
		if i > 0 {
			b = append(b, ';')
		}
		b = append(b, name...)
	}
	b = append(b, '\n')
	return append(b, payload...), true
}

// signedValue returns the value of a header, and whether it is there. net/http keeps two of them outside of Request.Header.
func signedValue(r *http.Request, name string, bodyLength int) (string, bool) {
	switch name {
	case "host":
		return r.Host, true
	case "content-length":
		return strconv.Itoa(bodyLength), true
	}
	values := r.Header.Values(name)
	if len(values) == 0 {
		return "", false
	}
	return values[0], true
}

// trimmed returns the value of a header with no space around it and single spaces in it.
func trimmed(value string) string {
	for strings.Contains(value, "  ") {
		value = strings.ReplaceAll(value, "  ", " ")
	}
	return strings.TrimSpace(value)
}

// canonicalQuery returns the parameters sorted by their encoded names and values. Clients of the API send none.
func canonicalQuery(raw string) string {
	if raw == "" {
		return ""
	}
	encode := func(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }
	query, _ := url.ParseQuery(raw) // as a client parses what it signs: without what is malformed
	var pairs [][]string
	for name, values := range query {
		for _, value := range values {
			pairs = append(pairs, []string{encode(name), encode(value)})
		}
	}
	slices.SortFunc(pairs, slices.Compare)
	var b strings.Builder
	for i, pair := range pairs {
		if i > 0 {
			b.WriteByte('&')
		}
		b.WriteString(pair[0])
		b.WriteByte('=')
		b.WriteString(pair[1])
	}
	return b.String()
}

// signedPaths returns the escaped paths that the client may have signed: the one it sent, and its normal form. Clients differ
// for a custom endpoint that ends in a slash: some send "//" and sign "/".
func signedPaths(u *url.URL) []string {
	sent := u.EscapedPath()
	if sent == "" {
		sent = "/"
	}
	normal := path.Clean("/" + sent)
	if normal != "/" && strings.HasSuffix(sent, "/") {
		normal += "/"
	}
	if normal == sent {
		return []string{sent}
	}
	return []string{sent, normal}
}
