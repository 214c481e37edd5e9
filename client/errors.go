package client

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

var (
	// ErrNotAuthenticated means that a call needs a signed-in user and there is none.
	ErrNotAuthenticated = errors.New("User is not authenticated")

	// ErrNoSession means that the storage holds no session of the user, or one that has expired for good. It is an ErrNotAuthenticated.
	ErrNoSession = fmt.Errorf("%w: no session is stored", ErrNotAuthenticated)

	// ErrProtocol means that the server's answer makes no sense: a challenge that was not to be expected, or one that is malformed.
	ErrProtocol = errors.New("unexpected answer of the server")
)

// NetworkError is the Code of an Error when no answer arrived, or not in time.
const NetworkError = "NetworkError"

// unknownError is the SDK's code for an answer that is not of the service.
const unknownError = "UnknownError"

// Error is a request that failed. It wraps the error of the AWS SDK, so that errors.As finds the SDK's type of the exception, and
// errors.Is finds what went wrong on the way.
type Error struct {
	Operation  string // such as "InitiateAuth"
	Code       string // the name of the exception, such as "NotAuthorizedException", NetworkError, or "UnknownError" for an answer that is not of the service: an ErrProtocol
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

// errSlow is why the context of a refresh ends, which is not that of the caller.
var errSlow = errors.New("no answer in time")

// wrap turns an error of the SDK or of post into an *Error. The end of the caller's context stays what it is.
func wrap(ctx context.Context, operation string, err error) error {
	if ended := ctx.Err(); ended != nil && !errors.Is(context.Cause(ctx), errSlow) {
		return fmt.Errorf("%s: %w", operation, ended)
	}
	e := &Error{Operation: operation, Code: NetworkError, Message: err.Error(), err: err}
	var api smithy.APIError
	var unread *smithy.DeserializationError
	var unsent *smithyhttp.RequestSendError
	switch {
	case errors.As(err, &api):
		e.Code, e.Message = api.ErrorCode(), api.ErrorMessage()
	case errors.As(err, &unread):
		e.Code, e.Message = unknownError, unread.Error()
	case errors.As(err, &unsent):
		e.Message = unsent.Err.Error()
	}
	if e.Code == unknownError {
		e.err = fmt.Errorf("%w: %w", ErrProtocol, err)
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
