package rpc

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/tracing"
	"github.com/cenote-id/cenote/internal/wire"
)

const contentType = "application/x-amz-json-1.1"

// finish counts, logs and renders the outcome of a call, in this order: who has read an answer finds it counted.
func (d *Door) finish(w http.ResponseWriter, r *http.Request, c *call, body []byte, err error) {
	told := d.judge(r.Context(), err)
	took := d.config.Now().Sub(c.start)
	d.config.Observe(r.Context(), c.name, told.code, took)
	d.log(r, c, told, took, err)
	c.trace(r.Context(), w, told)
	status := http.StatusOK
	if told.fault != nil {
		status = statusOf(told.fault.Code)
		body = renderFault(w.Header(), told.fault)
	}
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body) // fails only when the client is gone
}

// trace tells the trace which operation this was.
func (c *call) trace(ctx context.Context, w http.ResponseWriter, told outcome) {
	failure := ""
	if told.fault != nil {
		failure = told.code
	}
	tracing.Operation(ctx, w, c.service, c.name, c.caller.RequestID, failure)
}

// log writes one line for a call. It never has a part of the body: inputs hold passwords.
func (d *Door) log(r *http.Request, c *call, told outcome, took time.Duration, err error) {
	ctx := r.Context()
	if !d.config.Log.Enabled(ctx, told.level) {
		return
	}
	attrs := []slog.Attr{
		slog.String("operation", c.name),
		slog.String("code", told.code),
		slog.Duration("took", took),
		slog.String("request", c.caller.RequestID),
		slog.String("source", c.caller.SourceIP),
	}
	if c.caller.AccessKeyID != "" {
		attrs = append(attrs, slog.String("key", c.caller.AccessKeyID))
	}
	if err != nil {
		attrs = append(attrs, slog.String("error", err.Error()))
	}
	var crash *panicked
	if errors.As(err, &crash) {
		attrs = append(attrs, slog.String("stack", string(crash.stack)))
	}
	d.config.Log.LogAttrs(ctx, told.level, "request", attrs...)
}

// statusOf returns the HTTP status for a fault. A body that is too large is a client's fault like any other here: SDKs have a
// type for errors of status 400, and read the name from the body.
func statusOf(code fault.Code) int {
	if code == fault.RequestTooLarge {
		return http.StatusBadRequest
	}
	return wire.Status(code)
}

// renderFault sets the headers of a fault and returns its body. Some clients read the one, some the other: they say the same.
func renderFault(h http.Header, f *fault.Error) []byte {
	h.Set("X-Amzn-Errortype", string(f.Code)+":") // the colon ends the name, as the service has it
	if text := headerText(f.Message); text != "" {
		h.Set("X-Amzn-Errormessage", text)
	}
	body, err := wire.Encode(struct {
		Type    string `json:"__type"`
		Message string `json:"message,omitzero"`
	}{string(f.Code), strings.ToValidUTF8(f.Message, "\uFFFD")})
	if err != nil {
		return []byte(`{"__type":"` + string(f.Code) + `"}`)
	}
	return body
}

// maxHeaderText bounds the message in the header, in bytes. The body has all of it.
const maxHeaderText = 1024

// headerText makes a message fit for a header: printable ASCII on one line. Messages quote what clients sent.
func headerText(s string) string {
	if len(s) > maxHeaderText {
		s = s[:maxHeaderText]
	}
	return strings.TrimSpace(strings.Map(func(c rune) rune {
		switch {
		case c == '\n', c == '\r', c == '\t':
			return ' '
		case c < ' ', c == 0x7f:
			return -1
		case c > '~':
			return '?'
		}
		return c
	}, s))
}
