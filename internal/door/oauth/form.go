package oauth

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"

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
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/x-www-form-urlencoded" {
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
	if r.Header.Get("Authorization") == "" {
		return f, nil
	}
	id, secret, err := basic(r)
	if err != nil {
		return nil, err
	}
	if values.Has("client_secret") || f.clientID != "" && f.clientID != id {
		return nil, invalid("")
	}
	f.clientID, f.secret = id, secret
	return f, nil
}

// basic reads HTTP Basic credentials; both halves may be form-encoded (RFC 6749, section 2.3.1), which changes nothing in ids and secrets
// that were made here.
func basic(r *http.Request) (id, secret string, err error) {
	id, secret, ok := r.BasicAuth()
	if !ok {
		return "", "", &authorize.Refusal{Code: authorize.InvalidClient}
	}
	id, err1 := url.QueryUnescape(id)
	secret, err2 := url.QueryUnescape(secret)
	if errors.Join(err1, err2) != nil {
		return "", "", &authorize.Refusal{Code: authorize.InvalidClient}
	}
	return id, secret, nil
}
