package client

import (
	"fmt"
	"io"
	"log/slog"
)

const hidden = "[hidden]"

// hide, embedded in what carries secrets, makes every way of printing it say "[hidden]". JSON is another matter: the fields with secrets are
// left out of it, since encoders of logs see through what is not the value itself.
type hide struct{}

// String returns "[hidden]".
func (hide) String() string { return hidden }

// Format writes "[hidden]" for every verb.
func (hide) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, hidden) }

// LogValue returns "[hidden]".
func (hide) LogValue() slog.Value { return slog.StringValue(hidden) }
