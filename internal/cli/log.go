package cli

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"os"
	"sync"

	"golang.org/x/term"

	"github.com/cenote-id/cenote/internal/config"
)

// newLog returns the log of the settings: for people on a terminal, as JSON where programs read it.
func newLog(to io.Writer, c *config.Config) *slog.Logger {
	if c.LogFormat == "text" || c.LogFormat == "auto" && isTerminal(to) {
		return slog.New(newTextHandler(to, c.LogLevel))
	}
	return slog.New(slog.NewJSONHandler(to, &slog.HandlerOptions{Level: c.LogLevel, ReplaceAttr: withUnit}))
}

// withUnit says in JSON what the number of a duration counts: took becomes took_ms.
func withUnit(_ []string, a slog.Attr) slog.Attr {
	if a.Value.Kind() != slog.KindDuration {
		return a
	}
	return slog.Float64(a.Key+"_ms", float64(a.Value.Duration().Microseconds())/1000)
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// textHandler writes lines for people: "15:04:05 warn  message  key=value". The attributes are written by slog.
type textHandler struct {
	*textOutput
	attrs slog.Handler // writes the attributes, and nothing else, to the buffer
}

type textOutput struct {
	mu     sync.Mutex
	buffer bytes.Buffer
	to     io.Writer
}

func newTextHandler(to io.Writer, level slog.Level) slog.Handler {
	out := &textOutput{to: to}
	return textHandler{out, slog.NewTextHandler(&out.buffer, &slog.HandlerOptions{
		Level: level,
		ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
			if len(groups) == 0 && (a.Key == slog.TimeKey || a.Key == slog.LevelKey || a.Key == slog.MessageKey) {
				return slog.Attr{}
			}
			return a
		},
	})}
}

// Enabled reports whether lines of the level are written.
func (h textHandler) Enabled(ctx context.Context, level slog.Level) bool {
	return h.attrs.Enabled(ctx, level)
}

// Handle writes one line.
func (h textHandler) Handle(ctx context.Context, r slog.Record) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.buffer.Reset()
	h.buffer.WriteString(r.Time.Format("15:04:05 "))
	level := map[slog.Level]string{slog.LevelDebug: "debug ", slog.LevelInfo: "info  ", slog.LevelWarn: "WARN  ", slog.LevelError: "ERROR "}[r.Level]
	h.buffer.WriteString(level + r.Message + "  ")
	if err := h.attrs.Handle(ctx, r); err != nil {
		return err
	}
	_, err := h.to.Write(append(bytes.TrimRight(h.buffer.Bytes(), " \n"), '\n'))
	return err
}

// WithAttrs returns a handler that adds the attributes to each line.
func (h textHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return textHandler{h.textOutput, h.attrs.WithAttrs(attrs)}
}

// WithGroup returns a handler that puts the attributes of each line into a group.
func (h textHandler) WithGroup(name string) slog.Handler {
	return textHandler{h.textOutput, h.attrs.WithGroup(name)}
}
