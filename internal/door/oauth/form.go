package oauth

import (
	"encoding/base64"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"github.com/cenote-id/cenote/internal/authorize"
	"github.com/cenote-id/cenote/internal/door"
)

// maxForm is the size of the largest form that is read, in bytes.
const maxForm = 64 << 10

// form is a request of a program: the parameters in its body, and how it authenticates.
type form struct {
	url.Values
	clientID, secret string
}

// readForm reads a form body; nothing counts that stands in the address. Each parameter may stand there once (RFC 6749, section 3.2). The
// client authenticates by HTTP Basic or in the body, not by both (section 2.3).
func readForm(w http.ResponseWriter, r *http.Request) (*form, error) {
	invalid := func(text string) error { return &authorize.Refusal{Code: authorize.InvalidRequest, Text: text} }
	if !isForm(r) {
		return nil, invalid("")
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxForm))
	if err != nil {
		return nil, invalid("")
	}
	values, err := door.Parameters(string(body))
	if err != nil {
		return nil, invalid("")
	}
	for name, list := range values {
		if len(list) > 1 {
			return nil, invalid("Parameter " + name + " is included more than once.")
		}
		if list[0] == "" { // counts as absent (RFC 6749, section 3.2)
			delete(values, name)
		}
	}
	f := &form{Values: values, clientID: values.Get("client_id"), secret: values.Get("client_secret")}
	scheme, credentials, once := door.Authorization(r)
	switch {
	case !once:
		return nil, invalid("")
	case scheme == "":
		return f, nil
	}
	id, secret, ok := basic(scheme, credentials)
	if !ok {
		return nil, &authorize.Refusal{Code: authorize.InvalidClient}
	}
	if values.Has("client_secret") || f.clientID != "" && f.clientID != id {
		return nil, invalid("")
	}
	f.clientID, f.secret = id, secret
	return f, nil
}

// isForm reports whether the body of a request is a form.
func isForm(r *http.Request) bool {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return err == nil && kind == "application/x-www-form-urlencoded"
}

// basic reads HTTP Basic credentials. Both halves may be form-encoded (RFC 6749, section 2.3.1), which few clients do: a plus means itself,
// since a secret can have one and never a blank.
func basic(scheme, credentials string) (id, secret string, ok bool) {
	pair, err := base64.StdEncoding.DecodeString(credentials)
	if err != nil || scheme != "basic" {
		return "", "", false
	}
	if id, secret, ok = strings.Cut(string(pair), ":"); !ok {
		return "", "", false
	}
	id, err1 := url.PathUnescape(id)
	secret, err2 := url.PathUnescape(secret)
	return id, secret, errors.Join(err1, err2) == nil
}
