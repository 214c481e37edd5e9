package trigger

import (
	"context"
	"strings"
	"unicode/utf8"

	"github.com/cenote-id/cenote/internal/fault"
)

// CustomMessageRequest is the request of a CustomMessage event. The function never sees the code, only its placeholder.
type CustomMessageRequest struct {
	UserAttributes map[string]string
	ClientMetadata map[string]string
}

// CustomMessageResponse is the text that a function wants sent instead of the pool's template. Nil means the template's. The
// function does not know how the message travels, so each medium is judged when it is used: see Email and SMS.
type CustomMessageResponse struct {
	SMSMessage   *string `json:"smsMessage"`
	EmailMessage *string `json:"emailMessage"`
	EmailSubject *string `json:"emailSubject"`
}

// The placeholders of messages.
const (
	codePlaceholder     = "{####}"
	usernamePlaceholder = "{username}"
	linkPlaceholder     = "{##Click Here##}"
)

// CustomMessage asks for the words of a message.
func (r *Runner) CustomMessage(ctx context.Context, c Call, req CustomMessageRequest) (CustomMessageResponse, error) {
	var res CustomMessageResponse
	if !r.Has(c.Pool, CustomMessage) {
		return res, nil
	}
	request := struct {
		UserAttributes    map[string]string `json:"userAttributes"`
		CodeParameter     string            `json:"codeParameter"`
		LinkParameter     string            `json:"linkParameter"`
		UsernameParameter *string           `json:"usernameParameter"`
		ClientMetadata    map[string]string `json:"clientMetadata,omitempty"`
	}{UserAttributes: filled(req.UserAttributes), CodeParameter: codePlaceholder, LinkParameter: linkPlaceholder, ClientMetadata: req.ClientMetadata}
	if c.Source == CustomMessage.On(OnAdminCreateUser) {
		name := usernamePlaceholder
		request.UsernameParameter = &name
	}
	const neutral = `{"smsMessage":null,"emailMessage":null,"emailSubject":null}`
	if err := r.ask(ctx, CustomMessage, c, "1", request, neutral, &res); err != nil {
		return CustomMessageResponse{}, err
	}
	return res, nil
}

// The longest texts, in characters.
const (
	maxSMS     = 140
	maxEmail   = 20000
	maxSubject = 140
)

// Email returns the subject and the body of an e-mail on the occasion; nil means that of the pool's template. The message carries
// a link instead of a code when the pool says so (byLink) and the occasion is a sign-up. An invitation without its placeholders
// is passed over silently, other texts that cannot be sent are a fault (observed).
func (m CustomMessageResponse) Email(o Occasion, byLink bool) (subject, body *string, err error) {
	if m.EmailSubject != nil && *m.EmailSubject != "" {
		if err := checkLength("emailSubject", *m.EmailSubject, maxSubject); err != nil {
			return nil, nil, err
		}
		subject = m.EmailSubject
	}
	linked := byLink && (o == OnSignUp || o == OnResendCode)
	usable, err := judge(o, "emailBody", m.EmailMessage, maxEmail, linked)
	if err != nil {
		return nil, nil, err
	}
	if !usable {
		if m.EmailMessage != nil {
			subject = nil // the whole answer is passed over
		}
		return subject, nil, nil
	}
	return subject, m.EmailMessage, nil
}

// SMS returns the text message on the occasion; nil means the pool's template. It follows the rules of Email.
func (m CustomMessageResponse) SMS(o Occasion) (*string, error) {
	usable, err := judge(o, "smsMessage", m.SMSMessage, maxSMS, false)
	if err != nil || !usable {
		return nil, err
	}
	return m.SMSMessage, nil
}

// judge reports whether a text replaces the template.
func judge(o Occasion, field string, text *string, limit int, linked bool) (bool, error) {
	if text == nil {
		return false, nil
	}
	code := strings.Contains(*text, codePlaceholder)
	switch {
	case *text == "":
		return false, fault.New(fault.InvalidParameter, "The message is empty.") // observed
	case o == OnAdminCreateUser:
		if !code || !strings.Contains(*text, usernamePlaceholder) {
			return false, nil
		}
	case linked:
		if _, rest, ok := strings.Cut(*text, "{##"); !ok || !strings.Contains(rest, "##}") {
			return false, mismatch(field, `\{##`+characters+`##\}`)
		}
	case !code:
		return false, mismatch(field, `\{####\}`)
	}
	return true, checkLength(field, *text, limit)
}

// characters is the class that the service's patterns allow around and inside of placeholders.
const characters = `[\p{L}\p{M}\p{S}\p{N}\p{P}\s*]*`

// mismatch words a missing placeholder as the service's validator does.
func mismatch(field, placeholder string) error {
	return fault.Newf(fault.InvalidParameter, "1 validation error detected: Value at '%s' failed to satisfy constraint: "+
		"Member must satisfy regular expression pattern: %s", field, characters+placeholder+characters)
}

func checkLength(field, text string, limit int) error {
	if utf8.RuneCountInString(text) <= limit {
		return nil
	}
	return fault.Newf(fault.InvalidParameter, "1 validation error detected: Value at '%s' failed to satisfy constraint: "+
		"Member must have length less than or equal to %d", field, limit)
}
