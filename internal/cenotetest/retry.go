package cenotetest

import (
	"context"
	"errors"
	"net"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// Retries is how tests through the Go SDK retry: never after an answer, so that they see the first one, but after the race of smithy-go
// 1.28 that a fast server meets. Its HTTP client closes the connection when the answer is there before it has seen the end of its own
// request body, and an answer of more than 4 KiB is then cut off. The SDK's own retries hide that from applications.
type Retries struct{ aws.NopRetryer }

// IsErrorRetryable reports whether the connection was closed on this side.
func (Retries) IsErrorRetryable(err error) bool {
	return err != nil && (errors.Is(err, net.ErrClosed) || strings.Contains(err.Error(), net.ErrClosed.Error()))
}

// MaxAttempts is high enough that a second chance is enough for all tests together.
func (Retries) MaxAttempts() int { return 4 }

// RetryDelay is none: the server is not the one to be spared.
func (Retries) RetryDelay(int, error) (time.Duration, error) { return 0, nil }

// GetRetryToken and its like ration nothing.
func (Retries) GetRetryToken(context.Context, error) (func(error) error, error) {
	return func(error) error { return nil }, nil
}
