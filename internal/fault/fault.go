// Package fault is cenote's one error type for everything a caller may be told.
//
// Domain code answers a fault with New; anything else that escapes an operation is an internal error. The three edges
// (JSON, OAuth, pages) turn a fault into their wire form; nobody else renders one. Start with Error.
package fault

import (
	"context"
	"errors"
	"fmt"
	"unicode/utf8"
)

// Error is a refusal that the caller may see.
type Error struct {
	Code    Code   // name of the exception on the wire
	Message string // text for the caller, word for word as the service says it; may be empty
	cause   error  // what happened inside; goes to the log, never to the caller
}

// New returns a fault with a fixed message.
func New(code Code, message string) *Error {
	return &Error{Code: code, Message: message}
}

// Newf returns a fault with a formatted message. Never format a secret into it.
func Newf(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// Because returns a copy of the fault that carries its cause for the log.
func (e *Error) Because(cause error) *Error {
	c := *e
	c.cause = cause
	return &c
}

// maxText bounds each part of what Error returns, in bytes. A message may repeat what a function answered.
const maxText = 2048

// Error returns the code, the message and the cause: a text for logs and tests, not for the caller. Long ones are cut.
func (e *Error) Error() string {
	s := string(e.Code)
	if e.Message != "" {
		s += ": " + cut(e.Message)
	}
	if e.cause != nil {
		s += " (" + cut(e.cause.Error()) + ")"
	}
	return s
}

// cut shortens a long text, between characters.
func cut(text string) string {
	if len(text) <= maxText {
		return text
	}
	end := maxText
	for !utf8.RuneStart(text[end]) {
		end--
	}
	return fmt.Sprintf("%s... (%d bytes)", text[:end], len(text))
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.cause }

// CodeOf returns the code of the fault in err's chain, or "" when there is none.
func CodeOf(err error) Code {
	var f *Error
	if errors.As(err, &f) {
		return f.Code
	}
	return ""
}

// Is reports whether err's chain holds a fault with the code.
func Is(err error, code Code) bool { return err != nil && CodeOf(err) == code }

// Canceled is what metrics and the audit log call a request that was abandoned; no client is told.
const Canceled = "Canceled"

// Abandoned reports whether a request ended with err because its client went away, which canceled its context. A fault that has another cause
// stands, although nobody reads it.
func Abandoned(ctx context.Context, err error) bool {
	return err != nil && errors.Is(ctx.Err(), context.Canceled) && (CodeOf(err) == "" || errors.Is(err, context.Canceled))
}
