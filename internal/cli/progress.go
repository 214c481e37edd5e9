package cli

import "fmt"

// progress tells how far long work is, on a terminal only. Each call replaces the line before.
func (in *invocation) progress(format string, args ...any) {
	if !isTerminal(in.err) {
		return
	}
	in.underWay = true
	_, _ = fmt.Fprintf(in.err, "\r\x1b[K"+format, args...)
}

// progressEnds takes the line of progress away, before other lines are written.
func (in *invocation) progressEnds() {
	if in.underWay {
		_, _ = fmt.Fprint(in.err, "\r\x1b[K")
		in.underWay = false
	}
}
