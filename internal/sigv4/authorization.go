package sigv4

import (
	"net/http"
	"strings"
	"time"

	"github.com/cenote-id/cenote/internal/fault"
)

const (
	algorithm  = "AWS4-HMAC-SHA256"
	terminator = "aws4_request"
	dateFormat = "20060102T150405Z" // ISO 8601 "basic format", always UTC
)

// maxAuthorization bounds the header, in bytes. Real ones have about 300, with many signed headers perhaps 1,000.
const maxAuthorization = 8 << 10

// authorization is a parsed Authorization header together with the date it goes with.
type authorization struct {
	keyID         string
	date          string // of the credential scope: YYYYMMDD
	region        string
	service       string
	terminator    string
	signedHeaders []string // as the client wrote them
	signature     string   // 64 hexadecimal digits, if the client is honest
	rawTime       string   // X-Amz-Date as sent
	time          time.Time
}

// parseAuthorization reads
//
//	Authorization: AWS4-HMAC-SHA256 Credential=<id>/<date>/<region>/<service>/aws4_request, SignedHeaders=<a;b>, Signature=<hex>
//	X-Amz-Date: <YYYYMMDD>T<hhmmss>Z
//
// Its texts never repeat the header: people send bearer tokens and passwords there by mistake.
func parseAuthorization(h http.Header) (*authorization, error) {
	values := h.Values("Authorization")
	switch {
	case len(values) == 0 || len(values) == 1 && strings.TrimSpace(values[0]) == "":
		return nil, fault.New(fault.MissingAuthenticationToken, "Missing Authentication Token")
	case len(values) > 1:
		return nil, incomplete("Request has more than one Authorization header.")
	case len(values[0]) > maxAuthorization:
		return nil, incomplete("Authorization header is too long.")
	}
	scheme, rest, _ := strings.Cut(strings.TrimSpace(values[0]), " ")
	if scheme != algorithm {
		if strings.HasPrefix(scheme, "AWS4-") {
			return nil, incomplete("Unsupported AWS 'algorithm': use '" + algorithm + "'.")
		}
		rest = "" // Basic, Bearer and the like have none of the parameters.
	}
	params, err := parseParams(rest)
	if err != nil {
		return nil, err
	}
	a := &authorization{signature: params["Signature"], rawTime: strings.TrimSpace(h.Get("X-Amz-Date"))}
	if err := missing(params, a.rawTime); err != nil {
		return nil, err
	}
	if err := a.readCredential(params["Credential"]); err != nil {
		return nil, err
	}
	a.signedHeaders = strings.Split(params["SignedHeaders"], ";")
	return a, a.readTime()
}

// Region returns the region that the credential scope of a signature names; "" when there is none. It is only as good as the signature:
// verify that first, where it matters.
func Region(h http.Header) string {
	_, credential, _ := strings.Cut(h.Get("Authorization"), "Credential=")
	if parts := strings.SplitN(credential, "/", 4); len(parts) == 4 {
		return parts[2]
	}
	return ""
}

// parseParams reads "a=b, c=d". Values may hold "=", but no comma.
func parseParams(s string) (map[string]string, error) {
	params := make(map[string]string, 3)
	for part := range strings.SplitSeq(s, ",") {
		part = strings.TrimSpace(part)
		if part == "" {
			continue
		}
		name, value, ok := strings.Cut(part, "=")
		if !ok {
			return nil, incomplete("Invalid key=value pair (missing equal-sign) in Authorization header.")
		}
		if _, twice := params[name]; twice {
			return nil, incomplete("Authorization header has a parameter more than once.")
		}
		params[name] = value
	}
	return params, nil
}

// missing tells about everything that is absent at once, in the order of the real service.
func missing(params map[string]string, date string) error {
	var texts []string
	for _, name := range []string{"Credential", "Signature", "SignedHeaders"} {
		if params[name] == "" {
			texts = append(texts, "Authorization header requires '"+name+"' parameter.")
		}
	}
	if date == "" {
		texts = append(texts, "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.")
	}
	if texts == nil {
		return nil
	}
	return incomplete(strings.Join(texts, " "))
}

func (a *authorization) readCredential(s string) error {
	parts := strings.Split(s, "/")
	if len(parts) != 5 {
		return incomplete("Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term.")
	}
	a.keyID, a.date, a.region, a.service, a.terminator = parts[0], parts[1], parts[2], parts[3], parts[4]
	return nil
}

// scope returns the credential scope as it is signed.
func (a *authorization) scope() string {
	return strings.Join([]string{a.date, a.region, a.service, a.terminator}, "/")
}

func (a *authorization) readTime() error {
	t, err := time.Parse(dateFormat, a.rawTime)
	// Go reads fractions of a second that the layout does not have, which make the text longer.
	if err != nil || len(a.rawTime) != len(dateFormat) {
		return incomplete("Date must be in ISO-8601 'basic format', for example 20060102T150405Z.")
	}
	a.time = t
	return nil
}

func incomplete(text string) error { return fault.New(fault.IncompleteSignature, text) }
