package message

import (
	"context"
	"errors"
)

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
