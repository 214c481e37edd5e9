package trigger

import (
	"context"
	"strings"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/wire"
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

// Email returns the subject and the body of an e-mail on the occasion; nil means that of the pool's template. The message carries
// a link instead of a code when the pool says so (byLink) and the occasion is a sign-up. An invitation without its placeholders
// is ignored, and other texts that a template could not be are a fault (observed).
func (m CustomMessageResponse) Email(o Occasion, byLink bool) (subject, body *string, err error) {
	if m.EmailSubject != nil && *m.EmailSubject != "" {
		if err := wire.EmailSubject.CheckText("emailSubject", *m.EmailSubject); err != nil {
			return nil, nil, err
		}
		subject = m.EmailSubject
	}
	shape := wire.CodeEmail
	switch {
	case o == OnAdminCreateUser:
		shape = wire.InviteEmail
	case byLink && (o == OnSignUp || o == OnResendCode):
		shape = wire.LinkEmail
	}
	usable, err := judge(o, shape, "emailBody", m.EmailMessage)
	if err != nil {
		return nil, nil, err
	}
	if !usable {
		if m.EmailMessage != nil {
			subject = nil // the whole answer is ignored
		}
		return subject, nil, nil
	}
	return subject, m.EmailMessage, nil
}

// SMS returns the text message on the occasion; nil means the pool's template. It follows the rules of Email.
func (m CustomMessageResponse) SMS(o Occasion) (*string, error) {
	shape := wire.CodeSMS
	if o == OnAdminCreateUser {
		shape = wire.InviteSMS
	}
	usable, err := judge(o, shape, "smsMessage", m.SMSMessage)
	if err != nil || !usable {
		return nil, err
	}
	return m.SMSMessage, nil
}

// judge reports whether a text replaces the template. It has to meet the constraints of the template's shape.
func judge(o Occasion, shape *wire.Shape, field string, text *string) (bool, error) {
	switch {
	case text == nil:
		return false, nil
	case *text == "":
		return false, fault.New(fault.InvalidParameter, "The message is empty.") // observed
	case o == OnAdminCreateUser && (!strings.Contains(*text, codePlaceholder) || !strings.Contains(*text, usernamePlaceholder)):
		return false, nil
	}
	if err := shape.CheckText(field, *text); err != nil {
		return false, err
	}
	return true, nil
}
