package carrier

import (
	"bytes"
	"log/slog"
)

// maxLine is where a line of output is broken.
const maxLine = 16 << 10

// lines logs what a process writes, line by line. It has one writer: the goroutine that copies the output.
type lines struct {
	log    *slog.Logger
	stream string
	part   []byte
}

// Write implements io.Writer.
func (l *lines) Write(p []byte) (int, error) {
	n := len(p)
	for {
		line, rest, found := bytes.Cut(p, []byte("\n"))
		l.part = append(l.part, line[:min(len(line), maxLine-min(len(l.part), maxLine))]...)
		if !found {
			return n, nil
		}
		l.flush()
		p = rest
	}
}

// flush logs the line that has begun.
func (l *lines) flush() {
	if text := bytes.TrimRight(l.part, "\r"); len(text) > 0 {
		l.log.Info("function output", "stream", l.stream, "line", string(text))
	}
	l.part = l.part[:0]
}
