package message

import (
	"context"
	"errors"
	"html"
	"regexp"

	"github.com/cenote-id/cenote/internal/credential"
)

// ErrLimited says that a message was not sent because too many went to its user or destination within the hour.
var ErrLimited = errors.New("the hour's messages to this user or destination are spent")

// deliveryError is a failure told in words that may be logged.
type deliveryError struct {
	text  string
	cause error // context.DeadlineExceeded, context.Canceled or nil; never an error that may tell more than text
}

func (e deliveryError) Error() string { return e.text }
func (e deliveryError) Unwrap() error { return e.cause }

// harmless are the errors that stay in the chain: they tell nothing.
var harmless = []error{ErrLimited, context.DeadlineExceeded, context.Canceled}

func harmlessError(err error) error {
	for _, known := range harmless {
		if errors.Is(err, known) {
			return known
		}
	}
	return nil
}

// address finds whatever looks like an e-mail address in an error.
var address = regexp.MustCompile(`[^\s<>,;:"'()\[\]]+@[^\s<>,;:"'()\[\]]+`)

// WithoutSecrets returns an error whose text may be logged; nil for nil. Mail servers like to repeat the recipient, content filters parts of
// the content, and functions whatever they were asked to send. Hidden are the code and the destination of the message, and what else is
// named.
func WithoutSecrets(err error, m Message, more ...string) error {
	if err == nil {
		return nil
	}
	text := err.Error()
	for _, secret := range append(more, m.Code, html.EscapeString(m.Code), m.To) {
		if secret != "" {
			text = regexp.MustCompile(`(?i)`+regexp.QuoteMeta(secret)).ReplaceAllString(text, hidden)
		}
	}
	text = oneLine(address.ReplaceAllStringFunc(text, credential.MaskEmail))
	const longest = 300
	if runes := []rune(text); len(runes) > longest {
		text = string(runes[:longest]) + "..."
	}
	return deliveryError{text, harmlessError(err)}
}
