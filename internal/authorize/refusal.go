package authorize

import (
	"net/url"
	"strings"
)

// The error codes of RFC 6749, sections 4.1.2.1 and 5.2, and of OpenID Connect Core 1.0, section 3.1.2.6.
const (
	InvalidRequest       = "invalid_request"
	InvalidClient        = "invalid_client"
	InvalidGrant         = "invalid_grant"
	InvalidScope         = "invalid_scope"
	UnauthorizedClient   = "unauthorized_client"
	UnsupportedGrantType = "unsupported_grant_type"
	ServerError          = "server_error"
	LoginRequired        = "login_required"
	InvalidToken         = "invalid_token"           // RFC 6750, section 3.1
	InvalidRedirectURI   = "invalid_redirect_uri"    // RFC 7591, section 3.2.2
	InvalidMetadata      = "invalid_client_metadata" // the same
	NotFound             = "not_found"               // our own: there is nothing at this address
	// RedirectMismatch is the service's own code, on its error page only.
	RedirectMismatch = "redirect_mismatch"
)

// Refusal is an error of the OAuth endpoints. It is told to the application, or to the person where the application cannot be trusted.
type Refusal struct {
	Code  string
	Text  string   // error_description, or the text of the error page; may be empty
	To    *Request // the request to whose redirect URI the browser goes back; nil: the person is told on an error page
	cause error
}

// Malformed is the refusal of a query that cannot be read, so that nobody knows what it asks for.
func Malformed(cause error) *Refusal {
	return &Refusal{Code: InvalidRequest, Text: "The query of the request is malformed.", cause: cause}
}

// Error returns the code and the text.
func (r *Refusal) Error() string {
	s := r.Code
	if r.Text != "" {
		s += ": " + r.Text
	}
	return s
}

// Because returns the refusal with its cause, which is logged and never told.
func (r *Refusal) Because(cause error) *Refusal {
	r.cause = cause
	return r
}

// Unwrap returns the cause.
func (r *Refusal) Unwrap() error { return r.cause }

// Returns reports whether the application is told, by sending the browser to Location.
func (r *Refusal) Returns() bool { return r.To != nil && r.To.Account == nil }

// Location is where the browser goes with the refusal. The order of the parameters is the service's (observed).
func (r *Refusal) Location() string {
	var list parameters
	if r.Text != "" {
		list.add("error_description", r.Text)
	}
	if r.To.hasState {
		list.add("state", r.To.State)
	}
	list.add("error", r.Code)
	return r.To.answer(list)
}

// parameters are query parameters in an order of our own: clients of the service are used to it.
type parameters []string

func (p *parameters) add(name, value string) {
	*p = append(*p, name+"="+url.QueryEscape(value))
}

// answer returns the redirect URI, byte for byte, with the parameters: in the fragment for the implicit flow.
func (r *Request) answer(list parameters) string {
	separator := "?"
	switch {
	case r.ResponseType == "token":
		separator = "#"
	case strings.Contains(r.RedirectURI, "?"):
		separator = "&"
	}
	return r.RedirectURI + separator + strings.Join(list, "&")
}
