package trigger

import (
	"bytes"
	"encoding/json"
	"errors"
	"unicode/utf8"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/trigger/carrier"
	"github.com/cenote-id/cenote/internal/wire"
)

// The two answers for events that came back in no useful shape, word for word as the service gives them (observed).
var (
	errUnrecognizable = fault.New(fault.InvalidLambdaResponse, "Unrecognizable lambda output")
	errInvalidJSON    = fault.New(fault.InvalidLambdaResponse, "Invalid lambda function output : Invalid JSON")
)

// readResponse reads the response of a returned event. Names of members are compared exactly; unknown ones are ignored, and
// null is absence.
func readResponse(payload []byte, response any) error {
	payload, err := readable(payload)
	if err != nil {
		return errInvalidJSON
	}
	if payload = bytes.TrimSpace(payload); payload[0] != '{' {
		return errUnrecognizable
	}
	var answer struct {
		Response wire.Document `json:"response"`
	}
	if err := wire.Unmarshal(payload, &answer); err != nil {
		return errInvalidJSON.Because(errShape)
	}
	if answer.Response == nil || string(answer.Response) == "null" {
		return errUnrecognizable
	}
	if err := wire.Unmarshal(answer.Response, response); err != nil {
		return errInvalidJSON.Because(errShape) // the library's text would quote what the function returned
	}
	return nil
}

// readable returns an answer as it can be read: functions in JavaScript may have cut a text inside an emoji.
func readable(payload []byte) ([]byte, error) {
	if !json.Valid(payload) || !utf8.Valid(payload) {
		return nil, errShape
	}
	return wire.WithoutLoneSurrogates(payload)
}

var errShape = errors.New("a member of the answer has the wrong type, or a name occurs twice")

// functionFailed is the answer to the caller when the function threw, crashed or timed out by itself. The full stop is added even
// to a message that ends in one (observed).
func functionFailed(t Trigger, payload []byte) error {
	var f struct {
		Message *string `json:"errorMessage"`
		Type    string  `json:"errorType"`
	}
	message := "null" // an exception without a message
	if payload, err := readable(payload); err == nil && wire.Unmarshal(payload, &f) == nil && f.Message != nil {
		message = *f.Message
	}
	return fault.Newf(fault.UserLambdaValidation, "%s failed with error %s.", t, message)
}

// invocationFailed is the answer to the caller when the function could not be asked. An error of the caller's own context stays
// what it is.
func invocationFailed(t Trigger, err error) error {
	if errors.Is(err, carrier.ErrTooLarge) {
		return errInvalidJSON.Because(err)
	}
	var failed *carrier.Error
	if !errors.As(err, &failed) {
		return err
	}
	text := failed.Name
	switch {
	case failed == errTimeout:
		text = "Socket timeout while invoking Lambda function" // observed
	case text == "":
		text = "Connection failure while invoking Lambda function"
	}
	return fault.Newf(fault.UnexpectedLambda, "%s invocation failed due to error %s.", t, text).Because(err)
}
