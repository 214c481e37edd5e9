// Package carrier brings an event to a function and its answer back.
//
// A function is named by the ARN of LambdaConfig. What stands behind that ARN is the operator's choice: a function of AWS Lambda
// or of anything that speaks its Invoke API (Lambda), a URL that takes the event as it is (HTTP), or a folder whose handler runs
// as a local process (Local). Router chooses among them, and all four are a Carrier.
//
// A carrier makes one attempt and keeps no rule of triggers: how often to try, how long to wait and what a caller may be told is
// decided in package trigger. Start with Carrier and Router.
package carrier

import (
	"context"
	"encoding/json"
	"strings"
	"unicode"

	"github.com/cenote-id/cenote/internal/outbound"
)

// MaxAnswer is the largest answer of a function that is read, in bytes. An event is smaller than a request, which has the same
// limit, and an answer is an event with its response filled in.
const MaxAnswer = 1 << 20

// ErrTooLarge means that the function answered more than MaxAnswer.
var ErrTooLarge = outbound.ErrTooLarge

// Carrier invokes a function and waits for its answer.
type Carrier interface {
	// Invoke hands the payload, a JSON document, to the function with the ARN. It returns when the function has answered or
	// ctx ends. Its errors are *Error, ErrTooLarge, or that of ctx; each may be wrapped.
	Invoke(ctx context.Context, functionARN string, payload []byte) (Result, error)
}

// Result is the answer of a function that was reached.
type Result struct {
	Payload       []byte // what the function returned; of a failure: {"errorMessage","errorType"}
	FunctionError string // empty when the function returned; otherwise what the Invoke API calls the failure: "Unhandled"
}

// Error tells that the function was not reached, so that nothing is known about its answer.
type Error struct {
	Name  string // the exception of the Invoke API, such as AccessDeniedException; empty when the network failed
	Again bool   // whether another attempt may succeed
	Err   error  // what happened
}

// Error returns the name and the cause, for logs.
func (e *Error) Error() string {
	if e.Name == "" {
		return e.Err.Error()
	}
	return e.Name + ": " + e.Err.Error()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// The names of the Invoke API that the other carriers use as well.
const (
	resourceNotFound = "ResourceNotFoundException"
	accessDenied     = "AccessDeniedException"
	tooManyRequests  = "TooManyRequestsException"
	serviceException = "ServiceException"
)

// exceptionName keeps a name that came from outside if it looks like one: it becomes part of a text for callers.
func exceptionName(name string) string {
	plain := func(r rune) bool { return r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r)) }
	if name == "" || len(name) > 64 || strings.ContainsFunc(name, func(r rune) bool { return !plain(r) }) {
		return serviceException
	}
	return name
}

// failure is how a function's error travels, whatever the language of the function.
type failure struct {
	Message string `json:"errorMessage"`
	Type    string `json:"errorType"`
}

// unhandled is the result of a function that did not come to an answer.
func unhandled(kind, message string) Result {
	payload, err := json.Marshal(failure{Message: message, Type: kind})
	if err != nil {
		panic(err) // two strings can always be written
	}
	return Result{Payload: payload, FunctionError: "Unhandled"}
}
