package message

import (
	"context"
	"errors"
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

func contextError(err error) error {
	for _, known := range []error{context.DeadlineExceeded, context.Canceled} {
		if errors.Is(err, known) {
			return known
		}
	}
	return nil
}
