package external

import (
	"errors"
	"regexp"
	"strings"

	"github.com/cenote-id/cenote/internal/authorize"
	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/federate"
	"github.com/cenote-id/cenote/internal/pool"
)

// refused turns a refusal on the way into one that is told to the application, in the service's words (observed). Failures of ours stay what
// they are.
func (s *Service) refused(r *authorize.Request, v *pool.Provider, err error) error {
	var text string
	var no *federate.Refusal
	var f *fault.Error
	switch {
	case errors.As(err, &no):
		text = no.Text
		if v.Settings.ProviderType == "SAML" {
			text += " " // with a space at the end (observed)
		}
	case errors.As(err, &f) && f.Code != fault.InternalError:
		text = told(f)
	default:
		return err
	}
	code := authorize.InvalidRequest
	if v.Settings.ProviderType == "SAML" {
		code, text = authorize.ServerError, "Invalid SAML response received: "+text
	}
	return (&authorize.Refusal{Code: code, Text: begin(text, maxTold), To: r}).Because(err)
}

// maxTold bounds, in bytes, a text that others have a part in: it travels in an address, and proxies refuse long ones.
const maxTold = 1024

// begin returns as much of a text as has room in so many bytes, with a mark where it was longer.
func begin(text string, size int) string {
	if len(text) <= size {
		return text
	}
	return federate.Cut(text, size) + "..."
}

// told returns the words of a fault as they appear on the way back to an application.
func told(f *fault.Error) string {
	if f.Code == fault.UserLambdaValidation {
		return f.Message + " " // with a space at the end (observed)
	}
	text := strings.TrimSpace(f.Message)
	if flaw, ok := strings.CutPrefix(text, "Attributes did not conform to the schema: "); ok {
		return "Invalid user attributes: " + flaw
	}
	if m := emptied.FindStringSubmatch(text); m != nil {
		return "Invalid user attributes: " + m[1]
	}
	return text
}

// emptied is the flaw of a required attribute that the provider no longer has a value for. It is worded as on the sign-in that makes the user
// (observed).
var emptied = regexp.MustCompile(`^user\.(\S+: Required attribute cannot be deleted)\.$`)
