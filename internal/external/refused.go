package external

import (
	"errors"
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
	return (&authorize.Refusal{Code: code, Text: text, To: r}).Because(err)
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
	return text
}
