package seal

import (
	"fmt"
	"io"
	"log/slog"
)

const hiddenText = "[hidden]"

// Hidden, embedded in a type that carries a secret, makes every way of printing the type say "[hidden]". Values and pointers are
// both covered, whatever the verb.
type Hidden struct{}

// String returns "[hidden]".
func (Hidden) String() string { return hiddenText }

// Format writes "[hidden]" for every verb and flag.
func (Hidden) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, hiddenText) }

// LogValue returns "[hidden]".
func (Hidden) LogValue() slog.Value { return slog.StringValue(hiddenText) }
