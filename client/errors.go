package client

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/smithy-go"
)

var (
	// ErrNotAuthenticated means that a call needs a signed-in user and there is none.
	ErrNotAuthenticated = errors.New("User is not authenticated")

	// ErrNoSession means that the storage holds no session of the user, or one that has expired for good. It is an ErrNotAuthenticated.
	ErrNoSession = fmt.Errorf("%w: no session is stored", ErrNotAuthenticated)

	// ErrProtocol means that the server's answer makes no sense: a challenge that was not to be expected, or one that is malformed.
	ErrProtocol = errors.New("unexpected answer of the server")
)

// NetworkError is the Code of an Error when no answer arrived.
const NetworkError = "NetworkError"

// Error is a request that failed. It wraps the error of the AWS SDK, so that errors.As finds the SDK's type of the exception, and
// errors.Is finds what went wrong on the way.
type Error struct {
	Operation  string // such as "InitiateAuth"
	Code       string // the name of the exception, such as "NotAuthorizedException", or NetworkError
	Message    string // the service's text
	StatusCode int    // 0 without an answer
	RequestID  string // "" without an answer

	err error
}

// Error returns operation, code and message.
func (e *Error) Error() string { return fmt.Sprintf("%s: %s: %s", e.Operation, e.Code, e.Message) }

// Unwrap returns the error of the AWS SDK.
func (e *Error) Unwrap() error { return e.err }

// Code returns the Code of the *Error in err's tree, or "".
func Code(err error) string {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	return ""
}

// wrap turns an error of the SDK or of post into an *Error. A cancelled context stays what it is.
func wrap(operation string, err error) error {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("%s: %w", operation, err)
	}
	e := &Error{Operation: operation, Code: NetworkError, Message: err.Error(), err: err}
	var api smithy.APIError
	if errors.As(err, &api) {
		e.Code, e.Message = api.ErrorCode(), api.ErrorMessage()
	}
	var status interface{ HTTPStatusCode() int }
	if errors.As(err, &status) {
		e.StatusCode = status.HTTPStatusCode()
	}
	var request interface{ ServiceRequestID() string }
	if errors.As(err, &request) {
		e.RequestID = request.ServiceRequestID()
	}
	return e
}
