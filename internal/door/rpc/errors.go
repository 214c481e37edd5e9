package rpc

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"

	"github.com/cenote-id/cenote/internal/fault"
)

// panicked is a panic caught on the way to an answer.
type panicked struct {
	value any
	stack []byte
}

func (p *panicked) Error() string { return fmt.Sprint("panic: ", p.value) }

// undeclared is a fault that its operation may not answer.
type undeclared struct {
	operation string
	code      fault.Code
	err       error
}

func (u *undeclared) Error() string {
	return fmt.Sprintf("%s answers %s, which it does not declare: %v", u.operation, u.code, u.err)
}

func (u *undeclared) Unwrap() error { return u.err }

// outcome is what is told about a request: to the client, to the metrics and to the log.
type outcome struct {
	fault *fault.Error // nil for a success
	code  string       // for metrics and log
	level slog.Level
}

// somethingWrong is all that a client hears of what is our own failure.
var somethingWrong = fault.New(fault.InternalError, "Something went wrong")

// judge decides what is told about an error. parent is the context that ends when the client goes away.
func (d *Door) judge(parent context.Context, err error) outcome {
	var crash *panicked
	var wrong *undeclared
	var f *fault.Error
	errors.As(err, &f)
	switch {
	case err == nil:
		return outcome{code: "OK", level: slog.LevelDebug}
	case errors.As(err, &crash):
		return outcome{fault: somethingWrong, code: string(fault.InternalError), level: slog.LevelError}
	case errors.As(err, &wrong) && d.config.StrictErrors:
		loud := fault.New(fault.InternalError, wrong.Error())
		return outcome{fault: loud, code: string(fault.InternalError), level: slog.LevelError}
	case fault.Abandoned(parent, err):
		// Nobody reads the answer, unless the server is being stopped; then it must not look like a success.
		return outcome{fault: somethingWrong, code: fault.Canceled, level: slog.LevelDebug}
	case f != nil && f.Code != "":
		return outcome{fault: f, code: string(f.Code), level: levelOf(f, wrong != nil)}
	default: // also the time limit
		return outcome{fault: somethingWrong, code: string(fault.InternalError), level: slog.LevelError}
	}
}

// levelOf tells how much a fault concerns the operator: our failures most, refusals with an inner cause (a mail server that does
// not answer) a little, and what clients do wrong by themselves not at all: a token or session that cannot be read, too, or anybody could fill the log.
func levelOf(f *fault.Error, undeclared bool) slog.Level {
	switch {
	case statusOf(f.Code) >= http.StatusInternalServerError:
		return slog.LevelError
	case undeclared:
		return slog.LevelWarn
	case f.Unwrap() != nil && f.Code != fault.NotAuthorized:
		return slog.LevelInfo
	default:
		return slog.LevelDebug
	}
}
